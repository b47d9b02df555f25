/* mem.h - small allocations that die on exhaustion, and sizes that do not overflow. */
#ifndef MICH_BASE_MEM_H
#define MICH_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* For host memory below about 1 MiB: print "out of memory" and exit 128 when there is none. */
void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* n * size into total; false when it does not fit. */
bool mem_mul(size_t n, size_t size, size_t *total);

/*
 * For anything sized by input: calloc(n, size) into *out, ERR_INPUT on overflow and ERR_FAIL when
 * there is no memory. The caller frees.
 */
int mem_alloc(size_t n, size_t size, void *out);

/* Room for one more element in the array *v of n elements and *cap places. */
#define ARRAY_GROW(v, n, cap)                                      \
	do {                                                       \
		if ((n) >= (cap)) {                                \
			(cap) = (cap) ? (cap)*2 : 8;               \
			(v) = xrealloc((v), (cap) * sizeof(*(v))); \
		}                                                  \
	} while (0)

#endif
