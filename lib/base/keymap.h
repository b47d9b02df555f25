/* keymap.h - distinct 64-bit keys, numbered in the order in which they came. */
#ifndef MICH_BASE_KEYMAP_H
#define MICH_BASE_KEYMAP_H

#include <stddef.h>
#include <stdint.h>

struct keymap {
	uint64_t *keys; /* (n) */
	size_t n, cap;
	uint32_t *slots; /* (mask + 1) number + 1; 0 is free */
	size_t mask;
};

#define KEYMAP_INIT \
	{           \
		0   \
	}

void keymap_clear(struct keymap *m);
/* The key's number; one that is new gets the next. At most 2^31 of them. */
size_t keymap_add(struct keymap *m, uint64_t key);
/* -1: it is not there. */
int64_t keymap_find(const struct keymap *m, uint64_t key);

#endif
