/*
 * doc.h - a JSON or UBJSON document as a tree of values, with arrays of numbers kept flat: model
 * files are almost nothing but those. Every value lives until doc_free.
 */
#ifndef MICH_MODEL_TREES_DOC_H
#define MICH_MODEL_TREES_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum doc_type { DOC_NULL, DOC_BOOL, DOC_NUMBER, DOC_STRING, DOC_NUMBERS, DOC_ARRAY, DOC_OBJECT };

struct doc_value {
	enum doc_type type;
	size_t n; /* bytes of a string, elements, members */
	union {
		double number;		   /* DOC_NUMBER; DOC_BOOL: 0 or 1 */
		const char *s;		   /* (n) NUL-ended */
		const double *numbers;	   /* (n): an array of numbers and bools only, not empty */
		const struct doc_value *v; /* (n) */
		const struct doc_member *members; /* (n) */
	};
};

struct doc_member {
	const char *key; /* NUL-ended */
	struct doc_value value;
};

struct doc;

/* Deepest nesting that is read. */
enum { DOC_DEPTH = 48 };

/* ERR_CORRUPT says where the bytes stop making sense. */
int doc_json(const char *data, size_t n, struct doc **out);
int doc_ubj(const uint8_t *data, size_t n, struct doc **out);
int doc_parse(const void *data, size_t n, struct doc **out); /* which of them by its first bytes */
void doc_free(struct doc *d);

const struct doc_value *doc_root(const struct doc *d);

/* All of these take NULL for v, so that look-ups can be chained. */
const struct doc_value *doc_get(const struct doc_value *v, const char *key); /* NULL: absent */
const char *doc_str(const struct doc_value *v, const char *fallback);
/* A number, or a string that holds one as XGBoost writes its parameters. */
double doc_num(const struct doc_value *v, double fallback);

/* For the two readers: memory that the document owns; NULL when there is none. */
struct doc *doc_new(void);
void *doc_alloc(struct doc *d, size_t bytes);
struct doc_value *doc_root_slot(struct doc *d);

#endif
