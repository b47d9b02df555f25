/* keymap.c - open addressing over a table that is at most half full. */
#include "lib/base/keymap.h"

#include <stdlib.h>

#include "lib/base/mem.h"

enum { SLOTS_FIRST = 16 };

void keymap_clear(struct keymap *m)
{
	free(m->keys);
	free(m->slots);
	*m = (struct keymap)KEYMAP_INIT;
}

/* The finaliser of SplitMix64 (Steele, Lea and Flood 2014): every bit of the key moves every other. */
static size_t hash_of(uint64_t key)
{
	key = (key ^ key >> 30) * 0xbf58476d1ce4e5b9u;
	key = (key ^ key >> 27) * 0x94d049bb133111ebu;
	return (size_t)(key ^ key >> 31);
}

/* Where the key is, or the free slot where it would be. */
static size_t slot_of(const struct keymap *m, uint64_t key)
{
	size_t at = hash_of(key) & m->mask;

	while (m->slots[at] && m->keys[m->slots[at] - 1] != key)
		at = (at + 1) & m->mask;
	return at;
}

static void grow(struct keymap *m)
{
	size_t slots = m->slots ? 2 * (m->mask + 1) : SLOTS_FIRST;

	free(m->slots);
	m->slots = xcalloc(slots, sizeof *m->slots);
	m->mask = slots - 1;
	for (size_t i = 0; i < m->n; i++)
		m->slots[slot_of(m, m->keys[i])] = (uint32_t)i + 1;
}

size_t keymap_add(struct keymap *m, uint64_t key)
{
	size_t at;

	if (!m->slots || 2 * m->n > m->mask)
		grow(m);
	at = slot_of(m, key);
	if (!m->slots[at]) {
		ARRAY_GROW(m->keys, m->n, m->cap);
		m->keys[m->n++] = key;
		m->slots[at] = (uint32_t)m->n;
	}
	return m->slots[at] - 1;
}

int64_t keymap_find(const struct keymap *m, uint64_t key)
{
	return m->slots ? (int64_t)m->slots[slot_of(m, key)] - 1 : -1;
}
