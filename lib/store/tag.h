/* tag.h - annotated git tags: read what one says, and write one. */
#ifndef MICH_STORE_TAG_H
#define MICH_STORE_TAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/store/object.h"

struct tag {
	struct oid object;
	enum object_type type; /* of the object */
	char *name, *tagger;   /* "maps/eta/2.1", "Name <mail>" */
	int64_t time_s;	       /* since 1970 */
	char *message;	       /* without the signature */
	bool is_signed;
};

/* Of raw bytes, which need not be true: ERR_CORRUPT. */
int tag_parse(const char *data, size_t n, struct tag *out);
int tag_read(struct store *s, const struct oid *id, struct tag *out);
void tag_clear(struct tag *t);

/* The bytes of an unsigned tag of a commit. tagger: "Name <mail> seconds +zone". */
void tag_format(const struct oid *commit, const char *name, const char *tagger, const char *message,
		struct buf *out);

#endif
