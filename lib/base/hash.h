/* hash.h - SHA-256, the name of bytes. */
#ifndef MICH_BASE_HASH_H
#define MICH_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

enum { HASH_BYTES = 32, HASH_HEX = 64 };

/* libcrypto's own state, wide enough for its SHA256_CTX (checked where it is used). */
struct hash {
	uint64_t state[16];
};

void hash_init(struct hash *h);
void hash_add(struct hash *h, const void *data, size_t n);
void hash_raw(struct hash *h, unsigned char out[HASH_BYTES]);
void hash_hex(struct hash *h, char out[HASH_HEX + 1]); /* lower case, NUL-ended */

void hash_data(const void *data, size_t n, char out[HASH_HEX + 1]);
/* One pass over the file; *size_out (may be NULL) gets its bytes. ERR_IO, ERR_NOT_FOUND. */
int hash_file(const char *path, char out[HASH_HEX + 1], int64_t *size_out);

const char *hash_library(void); /* libcrypto's name and version; borrowed */

#endif
