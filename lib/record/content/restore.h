/* restore.h - bytes of a version that are gone, given back by who made them again. */
#ifndef MICH_RECORD_CONTENT_RESTORE_H
#define MICH_RECORD_CONTENT_RESTORE_H

struct repo;
struct version;

/*
 * Store the large files of a version again that are not here, from a folder that holds what lay under its
 * files/. ERR_CORRUPT: a file has other bytes than the version's; then nothing is stored. ERR_IO.
 */
int version_restore(struct repo *r, const struct version *v, const char *dir);

#endif
