/* exchange.c - the memory of answers, and errors that no desk gives. */
#include "lib/serve/exchange.h"

#include <stdbool.h>
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

/* Is it one of MLflow's: /invocations, or a model's? */
static bool is_mlflow(const struct ask *q)
{
	static const char word[] = "/invocations";
	const char *end = memchr(q->path, '?', q->path_n);
	size_t n = end ? (size_t)(end - q->path) : q->path_n, k = sizeof word - 1;

	if (n && q->path[n - 1] == '/')
		n--;
	return n >= k && !memcmp(q->path + n - k, word, k);
}

static const char *mlflow_code(int status)
{
	return status == 401   ? "UNAUTHENTICATED"
	       : status == 503 ? "TEMPORARILY_UNAVAILABLE"
	       : status >= 500 ? "INTERNAL_ERROR"
			       : "BAD_REQUEST";
}

void exchange_refuse(struct answer *a, const struct ask *q, int status, const char *kind,
		     const char *text)
{
	exchange_reset(a);
	a->status = status;
	a->type = "application/json";
	a->error_kind = kind;
	a->error = text;
	if (is_mlflow(q))
		buf_addf(&a->body, "{\"error_code\":\"%s\",\"message\":\"%s\"}",
			 mlflow_code(status), text);
	else
		buf_addf(&a->body, "{\"error\":\"%s\"}", text);
}
