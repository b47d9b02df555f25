/* dict.c - open addressing over an array of entries. */
#include "lib/model/dict.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

static uint32_t hash_bytes(const char *s, size_t n)
{
	uint64_t h = 0xcbf29ce484222325u ^ n;

	for (; n >= 8; n -= 8, s += 8) {
		uint64_t w;

		memcpy(&w, s, 8);
		h = (h ^ w) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	for (; n; n--, s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	h *= 0x9e3779b97f4a7c15u;
	return (uint32_t)(h >> 32);
}

void dict_clear(struct dict *d)
{
	for (size_t i = 0; i < d->n; i++)
		free((char *)d->v[i].s);
	free(d->v);
	free(d->slots);
	*d = (struct dict)DICT_INIT;
}

static void place_all(struct dict *d, size_t places)
{
	free(d->slots);
	d->slots = xcalloc(places, sizeof(*d->slots));
	d->mask = places - 1;
	for (size_t i = 0; i < d->n; i++) {
		size_t at = d->v[i].hash & d->mask;

		while (d->slots[at])
			at = (at + 1) & d->mask;
		d->slots[at] = (uint32_t)i + 1;
	}
}

/* The place where s is, or where it would go. */
static size_t probe(const struct dict *d, const char *s, size_t len, uint32_t hash)
{
	size_t at = hash & d->mask;

	while (d->slots[at]) {
		const struct dict_entry *e = &d->v[d->slots[at] - 1];

		if (e->hash == hash && e->len == len && !memcmp(e->s, s, len))
			break;
		at = (at + 1) & d->mask;
	}
	return at;
}

size_t dict_add(struct dict *d, const char *s)
{
	size_t len = strlen(s), at;
	uint32_t hash = hash_bytes(s, len);

	if (2 * (d->n + 1) > d->mask)
		place_all(d, d->mask ? 2 * (d->mask + 1) : 16);
	at = probe(d, s, len, hash);
	if (!d->slots[at]) {
		ARRAY_GROW(d->v, d->n, d->cap);
		d->v[d->n++] = (struct dict_entry){ xstrndup(s, len), (uint32_t)len, hash, 0 };
		d->slots[at] = (uint32_t)d->n;
	}
	d->v[d->slots[at] - 1].count++;
	return d->slots[at] - 1;
}

int64_t dict_find(const struct dict *d, const char *s)
{
	size_t len = strlen(s), at;

	if (!d->n)
		return -1;
	at = probe(d, s, len, hash_bytes(s, len));
	return d->slots[at] ? (int64_t)d->slots[at] - 1 : -1;
}

static int by_count(const void *a, const void *b)
{
	const struct dict_entry *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->s, y->s);
}

void dict_sort(struct dict *d)
{
	if (!d->n)
		return;
	qsort(d->v, d->n, sizeof(*d->v), by_count);
	place_all(d, d->mask + 1);
}

void dict_cut(struct dict *d, size_t n)
{
	if (n >= d->n)
		return;
	for (size_t i = n; i < d->n; i++)
		free((char *)d->v[i].s);
	d->n = n;
	place_all(d, d->mask + 1);
}
