/*
 * headguard.c - what libh2o 2.2.5 should not be given to parse. Its parser of request heads is
 * called through the dynamic symbol table, so the function here stands before it: this program's
 * phr_parse_request is the one that the library finds.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "lib/serve/http/loop.h"

/* As picohttpparser.h declares it; h2o does not install that header. */
struct phr_header {
	const char *name;
	size_t name_len;
	const char *value;
	size_t value_len;
};
typedef int parse_fn(const char *buf, size_t len, const char **method, size_t *method_len,
		     const char **path, size_t *path_len, int *minor, struct phr_header *headers,
		     size_t *n_headers, size_t last_len);

extern parse_fn phr_parse_request;

/* The hook is given nothing of ours, so its limit is the process's. */
static _Atomic size_t max_head = SIZE_MAX;
static _Atomic(parse_fn *) real;

void headguard_set(size_t max_header_bytes)
{
	atomic_store(&max_head, max_header_bytes);
}

#define IS(h, word) \
	((h)->name_len == sizeof(word) - 1 && !strncasecmp((h)->name, word, sizeof(word) - 1))

static bool is_number(const struct phr_header *h)
{
	for (size_t i = 0; i < h->value_len; i++)
		if (h->value[i] < '0' || h->value[i] > '9')
			return false;
	return h->value_len > 0;
}

/* Two lengths, or one that is no number, are how requests are smuggled past a proxy: refused. */
static int judge(const struct phr_header *headers, size_t n)
{
	size_t lengths = 0;

	for (size_t i = 0; i < n; i++) {
		if (IS(&headers[i], "content-length"))
			lengths += is_number(&headers[i]) ? 1 : 2;
		else if (IS(&headers[i], "transfer-encoding"))
			lengths++;
	}
	return lengths > 1 ? -1 : 0;
}

__attribute__((visibility("default"))) int
phr_parse_request(const char *buf, size_t len, const char **method, size_t *method_len,
		  const char **path, size_t *path_len, int *minor, struct phr_header *headers,
		  size_t *n_headers, size_t last_len)
{
	parse_fn *parse = atomic_load_explicit(&real, memory_order_relaxed);
	int rc;

	if (!parse) {
		*(void **)&parse = dlsym(RTLD_NEXT, "phr_parse_request");
		atomic_store_explicit(&real, parse, memory_order_relaxed);
	}
	rc = parse(buf, len, method, method_len, path, path_len, minor, headers, n_headers,
		   last_len);
	if (rc == -2 ? len > atomic_load_explicit(&max_head, memory_order_relaxed)
		     : rc > 0 && (size_t)rc > atomic_load_explicit(&max_head, memory_order_relaxed))
		return -1;
	return rc > 0 && judge(headers, *n_headers) < 0 ? -1 : rc;
}
