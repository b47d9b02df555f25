/* config.h - git's configuration grammar, from bytes to sections and entries, and back. */
#ifndef MICH_SPEC_CONFIG_H
#define MICH_SPEC_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"

/* What ended a value: `a ; b` is a comment to people and to git, `a;b` is one to git alone. */
enum config_cut {
	CONFIG_WHOLE = 0,
	CONFIG_CUT_BLANK, /* by ; or # after a blank */
	CONFIG_CUT_GLUED, /* by ; or # with no blank before it */
};

struct config_entry {
	char *key;   /* lower case */
	char *value; /* NULL: the key stands alone, which git reads as true */
	int line;    /* where the key begins, from 1 */
	enum config_cut cut;
};

struct config_section {
	char *name; /* lower case, up to the first dot; NULL before the first header */
	char *sub;  /* as written; NULL without one */
	int line;
	struct config_entry *v;
	size_t n, cap;
};

/* Sections in the order of the file; a header that is written twice is here twice. */
struct config {
	struct config_section *v;
	size_t n, cap;
};

#define CONFIG_INIT \
	{           \
		0   \
	}

/*
 * Read n bytes as `git config -f` does: same keys, same values, refused where git refuses, and one
 * thing more is refused, a NUL byte. There is no include. Blanks inside a value are kept as they
 * are, as git does since 2.45. The caller clears out; it is empty after an error. file begins the
 * message: "Michfile:12: a quote is not closed". ERR_INPUT.
 */
int config_parse(const char *data, size_t n, const char *file, struct config *out);
void config_clear(struct config *c);

/* The value so that reading it gives the same bytes: quoted only where that is needed. */
void config_add_value(struct buf *out, const char *value);

/*
 * Append [name "sub"] with the keys and values of pairs (key, value, ..., NULL) to the text of a
 * file. What is there stays byte for byte, but for a newline that its last line may lack.
 */
void config_add_section(struct buf *text, const char *name, const char *sub,
			const char *const *pairs);

#endif
