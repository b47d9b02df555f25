/* strlist.h - a list of owned strings. */
#ifndef MICH_BASE_STRLIST_H
#define MICH_BASE_STRLIST_H

#include <stdbool.h>
#include <stddef.h>

struct strlist {
	char **v; /* NULL-ended once anything was added */
	size_t n, cap;
};

#define STRLIST_INIT \
	{            \
		0    \
	}

void strlist_add(struct strlist *l, const char *s); /* copies */
void strlist_addf(struct strlist *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strlist_take(struct strlist *l, char *s);				/* gives s */
void strlist_split(struct strlist *l, const char *s, const char *seps); /* trimmed, no empties */
bool strlist_has(const struct strlist *l, const char *s);
void strlist_sort(struct strlist *l); /* by bytes */
void strlist_clear(struct strlist *l);

/* How many letters must change, go or come to make b of a; SIZE_MAX where b is too long to say. */
size_t strlist_distance(const char *a, const char *b);

/* The candidate nearest to word by edit distance, NULL when none is near; borrowed. */
const char *strlist_nearest(const char *const *words, size_t n, const char *word);

/*
 * Add to the error that is set which of words was meant, or when none is near what there is to choose
 * from. Returns code.
 */
int strlist_hint(int code, const char *const *words, size_t n, const char *word);

#endif
