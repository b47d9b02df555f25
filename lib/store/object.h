/* object.h - read git objects: their bytes, and what a commit says. */
#ifndef MICH_STORE_OBJECT_H
#define MICH_STORE_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/store/oid.h"

struct store;

enum object_type { OBJECT_COMMIT = 1, OBJECT_TREE = 2, OBJECT_BLOB = 3, OBJECT_TAG = 4 };

/* The bytes, appended to out. ERR_NOT_FOUND; ERR_CORRUPT when it is of another type. */
int object_read(struct store *s, const struct oid *id, enum object_type type, struct buf *out);
bool object_exists(struct store *s, const struct oid *id);

/* 1 and its type and size (either may be NULL), 0: absent. */
int object_header(struct store *s, const struct oid *id, enum object_type *type_out,
		  size_t *size_out);

/* The name that these bytes would have. */
void object_name(enum object_type type, const void *data, size_t n, struct oid *out);

struct commit {
	struct oid tree, *parents;
	size_t n_parents;
	char *author;	/* "Name <mail>" */
	int64_t time_s; /* the author's, since 1970 */
	char *message;	/* after the blank line */
};

/* Of raw bytes, which need not be true: ERR_CORRUPT. */
int commit_parse(const char *data, size_t n, struct commit *out);
int commit_read(struct store *s, const struct oid *id, struct commit *out);
void commit_clear(struct commit *c);

/* The value of the last `Key: value` line of the message, NULL when there is none; caller frees. */
char *commit_trailer(const struct commit *c, const char *key);
char *message_trailer(const char *message, const char *key); /* the same of any message */

#endif
