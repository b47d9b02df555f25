/* dict.h - distinct strings in the order they came, found by hash. */
#ifndef MICH_MODEL_DICT_H
#define MICH_MODEL_DICT_H

#include <stddef.h>
#include <stdint.h>

struct dict_entry {
	const char *s; /* owned by the dict; may hold any byte but NUL */
	uint32_t len, hash;
	int64_t count; /* times it was added */
};

struct dict {
	struct dict_entry *v;
	size_t n, cap;
	uint32_t *slots; /* (mask + 1) position + 1 in v; 0 is free */
	size_t mask;
};

#define DICT_INIT \
	{         \
		0 \
	}

void dict_clear(struct dict *d);
/* Position of s, added when it is new; its count goes up by one. */
size_t dict_add(struct dict *d, const char *s);
/* Position of s, -1 when it is not there. */
int64_t dict_find(const struct dict *d, const char *s);
/* By count, the highest first, then by bytes: an order that does not depend on who came first. */
void dict_sort(struct dict *d);
/* Keep the first n entries. */
void dict_cut(struct dict *d, size_t n);

#endif
