/* json.h - jansson with the house's errors, and one canonical way to write. */
#ifndef MICH_BASE_JSON_H
#define MICH_BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"

/* Parse n bytes; what names them in the error. *out is a new reference. ERR_CORRUPT. */
int json_parse(const char *data, size_t n, const char *what, json_t **out);
int json_read(const char *path, json_t **out);

/*
 * Canonical: keys sorted by bytes, no spaces, shortest numbers that read back to the same double,
 * no newline at the end. The same value always gives the same bytes, so it can be hashed.
 */
void json_canonical(const json_t *v, struct buf *out);
void json_pretty(const json_t *v,
		 struct buf *out);	       /* for people: indent 2, insertion order, newline */
void json_hash(const json_t *v, char out[65]); /* SHA-256 of the canonical bytes */
int json_write(const char *path, const json_t *v); /* canonical + newline, atomically */

/* A member by key, or the fallback when absent or of another type; strings are borrowed. */
const char *json_str(const json_t *obj, const char *key, const char *fallback);
int64_t json_int(const json_t *obj, const char *key, int64_t fallback);
double json_num(const json_t *obj, const char *key, double fallback);
bool json_bool(const json_t *obj, const char *key, bool fallback);

/*
 * A string of any bytes: as it is where it is UTF-8, else {"bytes": hex}, so that no two values are
 * written alike. New reference.
 */
json_t *json_bytes(const char *s);

/* json_real() that never fails: nan and infinities become null, whole numbers stay reals. */
json_t *json_number(double v);

#endif
