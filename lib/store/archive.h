/* archive.h - folders as archives, through libarchive: unpacking what somebody else made, packing. */
#ifndef MICH_STORE_ARCHIVE_H
#define MICH_STORE_ARCHIVE_H

#include <stdint.h>

struct archive_limits {
	int64_t bytes; /* of all files in it together; 0: 256 GiB */
	int64_t files; /* 0: 1,000,000 */
};

/*
 * Unpack file (.zip, .tar, .tar.gz, .tar.zst, .7z ...) into dir, an existing folder.
 * Regular files and folders come out, with mode 0644 or 0755 and no owner. ERR_INPUT, with nothing
 * outside dir ever touched: a name that is absolute, holds '..', or passes through a link; a
 * device; a link that points outside dir; a name that is there twice; more than the limits.
 * ERR_CORRUPT: the archive is damaged or of an unknown kind. What was unpacked until then is left
 * in dir.
 */
int archive_unpack(const char *file, const char *dir, const struct archive_limits *limits);

/*
 * Pack everything below dir into a plain tar file, which appears whole or not at all. Entries are in
 * the order of their names' bytes, without times and owners: the same files give the same bytes.
 * ERR_INPUT: something that is no file, folder or link.
 */
int archive_pack(const char *dir, const char *file);

#endif
