/* doc.c - the memory of a document, and looking things up in it. */
#include "lib/model/trees/doc.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/model/rows/cell.h"

struct block {
	struct block *next;
	size_t used, cap;
	_Alignas(16) char data[];
};

struct doc {
	struct doc_value root;
	struct block *blocks;
};

enum { BLOCK_BYTES = 1 << 16 };

struct doc *doc_new(void)
{
	return xcalloc(1, sizeof(struct doc));
}

void doc_free(struct doc *d)
{
	if (!d)
		return;
	for (struct block *b = d->blocks; b;) {
		struct block *next = b->next;

		free(b);
		b = next;
	}
	free(d);
}

int doc_parse(const void *data, size_t n, struct doc **out)
{
	const char *text = data;

	/* UBJSON's first key has its length before it, JSON's a quote or a blank */
	if (n > 1 && text[0] == '{' && !strchr("\"} \t\r\n", text[1]))
		return doc_ubj(data, n, out);
	return doc_json(data, n, out);
}

void *doc_alloc(struct doc *d, size_t bytes)
{
	struct block *b = d->blocks;
	void *p;

	if (bytes > SIZE_MAX / 2)
		return NULL;
	bytes = (bytes + 15) & ~(size_t)15;
	if (!b || b->cap - b->used < bytes) {
		size_t cap = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;

		b = malloc(sizeof(*b) + cap);
		if (!b)
			return NULL;
		*b = (struct block){ .next = d->blocks, .cap = cap };
		d->blocks = b;
	}
	p = b->data + b->used;
	b->used += bytes;
	return p;
}

struct doc_value *doc_root_slot(struct doc *d)
{
	return &d->root;
}

const struct doc_value *doc_root(const struct doc *d)
{
	return &d->root;
}

const struct doc_value *doc_get(const struct doc_value *v, const char *key)
{
	if (!v || v->type != DOC_OBJECT)
		return NULL;
	for (size_t i = 0; i < v->n; i++)
		if (!strcmp(v->members[i].key, key))
			return &v->members[i].value;
	return NULL;
}

const char *doc_str(const struct doc_value *v, const char *fallback)
{
	return v && v->type == DOC_STRING ? v->s : fallback;
}

double doc_num(const struct doc_value *v, double fallback)
{
	double d;

	if (v && (v->type == DOC_NUMBER || v->type == DOC_BOOL))
		return v->number;
	if (v && v->type == DOC_STRING && cell_double(v->s, v->n, &d))
		return d;
	return fallback;
}
