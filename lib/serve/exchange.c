/* exchange.c - the memory of answers. */
#include "lib/serve/exchange.h"

#include <string.h>

void exchange_clear(struct answer *a)
{
	buf_clear(&a->body);
	*a = (struct answer)ANSWER_INIT;
}

/* Field by field: the headers are large, and n_headers says that there are none. */
void exchange_reset(struct answer *a)
{
	a->status = 0;
	a->type = NULL;
	buf_reset(&a->body);
	a->n_headers = 0;
	a->served = NULL;
	a->rows = 0;
	a->error_kind = a->error = a->id = NULL;
	a->rows_in = a->rows_out = NULL;
	a->floats = 0;
}

void exchange_header(struct answer *a, const char *name, const char *value, size_t n)
{
	struct header_out *h = &a->headers[a->n_headers];
	size_t name_n = strlen(name);

	if (a->n_headers == ANSWER_HEADERS || n >= sizeof h->value || name_n >= sizeof h->name)
		return;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)value[i] < 32 || value[i] == 127)
			return;
	memcpy(h->name, name, name_n + 1);
	memcpy(h->value, value, n);
	h->value[n] = '\0';
	a->n_headers++;
}
