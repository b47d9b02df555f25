/* packfile.h - the files of a pack: sealed, indexed, put in place, listed. Used by pack.c and
 * fold.c. */
#ifndef MICH_STORE_PACKFILE_H
#define MICH_STORE_PACKFILE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/strlist.h"
#include "lib/store/oid.h"

struct store;

enum { PACK_HEAD_BYTES = 12, PACK_SUM_BYTES = 20 };
#define PACK_KEEP_TEXT "mich: not yet referenced"

struct pack_entry {
	struct oid id;
	uint64_t offset;
	uint32_t crc;
};

/* Write the head (count) and, at offset, the SHA-1 of all before it; fsync. */
int packfile_seal(int fd, size_t count, uint64_t offset, unsigned char sum[PACK_SUM_BYTES]);

/* OBJECTS/pack/pack-<sum>, caller frees. */
char *packfile_base(struct store *s, const unsigned char sum[PACK_SUM_BYTES]);

/* Write the index (sorts entries) and move pack and index to base.pack and base.idx; durable. */
int packfile_install(const char *temp, const char *base, struct pack_entry *v, size_t n,
		     const unsigned char sum[PACK_SUM_BYTES], const char *scratch_dir);

/* The names of the packs that mich wrote: scratch_dir/../packs. A lost list costs tidiness only. */
void packfile_list_add(const char *scratch_dir, const char *name);
void packfile_list_read(const char *scratch_dir, struct strlist *out);
int packfile_list_write(const char *scratch_dir, const struct strlist *names);

#endif
