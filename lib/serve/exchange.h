/*
 * exchange.h - one request and its answer, whatever carries them: plain bytes, no sockets. A server
 * fills `ask`, gives both to desk_answer() (desk.h) and sends the `answer`.
 */
#ifndef MICH_SERVE_EXCHANGE_H
#define MICH_SERVE_EXCHANGE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/frame.h"

struct served;

/* What was asked. All of it is borrowed for the call; texts need not end with a NUL. */
struct ask {
	const char *method,
		*path; /* "POST", "/v2/models/eta/infer?x=1": the query may stand there */
	size_t method_n, path_n;
	const char *body;
	size_t body_n;
	/* The value of a header by its name in lower case, its length in *n; NULL: not sent. */
	const char *(*header)(void *ctx, const char *lower_name, size_t *n);
	void *ctx;
	int64_t waited_us;  /* since it had come in whole */
	const char *client; /* address, for the logs; NULL: not known */
};

enum {
	ANSWER_HEADERS = 8,
	ANSWER_VALUE_BYTES = 200,
};

/* A header of an answer, NUL-ended; name in lower case. */
struct header_out {
	char name[40];
	char value[ANSWER_VALUE_BYTES];
};

struct answer {
	int status;
	const char *type; /* of the body; static; NULL where there is no body */
	struct buf body; /* its memory is used again: ANSWER_INIT once, exchange_clear at the end */
	struct header_out headers[ANSWER_HEADERS];
	size_t n_headers;
	/* For the logs. All of it is borrowed until the next desk_answer or desk_sync. */
	const struct served *served;  /* who answered; NULL: no model was asked */
	int64_t rows;		      /* scored */
	const char *error_kind;	      /* NULL: answered; else as /metrics names it: "contract" */
	const char *error;	      /* the sentence, NULL when answered */
	const char *id;		      /* the request's own: of the body, else x-request-id; NULL */
	const struct frame *rows_in;  /* the contract's columns as they were scored; NULL: none */
	const struct frame *rows_out; /* the model's outputs beside them */
	size_t floats; /* columns of rows_out from here on hold floats: csvrows_put() */
};

#define ANSWER_INIT                           \
	{                                     \
		.status = 0, .body = BUF_INIT \
	}

void exchange_clear(struct answer *a); /* its memory; back to ANSWER_INIT */
void exchange_reset(struct answer *a); /* nothing answered yet; the body's memory is kept */
/*
 * An error that no desk gave, in the shape that the path's protocol has for errors. kind and text are
 * static; text has nothing that JSON would escape.
 */
void exchange_refuse(struct answer *a, const struct ask *q, int status, const char *kind,
		     const char *text);
/* One more header; a value too long or with control characters in it is left out. */
void exchange_header(struct answer *a, const char *name, const char *value, size_t n);

#endif
