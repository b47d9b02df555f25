/* resolve.h - what a name on the command line means here. */
#ifndef MICH_MAKE_RESOLVE_H
#define MICH_MAKE_RESOLVE_H

struct repo;
struct version;

/*
 * `[kind/]name[@rev]` as version_find, but a name without @rev that the checkout's Michfile has a
 * section for means the version made by its recipe. None made: ERR_NOT_FOUND, with what to build. kind
 * NULL: any. A work tree without a Michfile, or with a broken one, is as one without sections.
 */
int resolve_version(struct repo *r, const char *kind, const char *text, struct version *out);

#endif
