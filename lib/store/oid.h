/* oid.h - the name of a git object: 20 bytes, 40 hex digits. */
#ifndef MICH_STORE_OID_H
#define MICH_STORE_OID_H

#include <stdbool.h>
#include <stddef.h>

enum { OID_BYTES = 20, OID_HEX = 40 };

struct oid {
	unsigned char b[OID_BYTES];
};

void oid_hex(const struct oid *id, char out[OID_HEX + 1]);

/* Exactly 40 hex digits at text (more may follow). False: not an object id. */
bool oid_parse(const char *text, struct oid *out);
bool oid_equal(const struct oid *a, const struct oid *b);
bool oid_is_zero(const struct oid *id);
int oid_compare(const void *a, const void *b); /* of two struct oid, for qsort and bsearch */

#endif
