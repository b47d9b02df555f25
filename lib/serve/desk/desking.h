/* desking.h - the inside of a desk: what its dialects share. Only for lib/serve/. */
#ifndef MICH_SERVE_DESK_DESKING_H
#define MICH_SERVE_DESK_DESKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/model/model.h"
#include "lib/serve/card.h"
#include "lib/serve/desk/desk.h"
#include "lib/serve/desk/jsonscan.h"
#include "lib/serve/desk/sheet.h"
#include "lib/serve/fleet.h"
#include "lib/serve/meter.h"

/* An output that was asked for. */
struct pick {
	size_t output;
	bool binary;
};

struct desk {
	struct fleet *fleet;
	struct fleet_view *view;
	struct desk_opts opts;
	/* memory that is used again */
	struct jsonscan scan;
	struct sheet sheet;
	struct scores scores;
	struct buf id, error, plain; /* plain: a body that came compressed */
	struct pick *picks;	     /* (cap_picks) */
	size_t n_picks, cap_picks;
	/* of the request being answered */
	const struct ask *q;
	struct answer *out;
	enum meter_dialect dialect;
	enum meter_error fault;	       /* what went wrong, where the code alone does not say */
	bool media;		       /* the fault is the type or the coding of the body: 415 */
	struct jsonscan_text id_json;  /* the id as it stood in the body; s NULL: none */
	struct frame in, said;	       /* rows scored, and the model's outputs */
	int64_t began, parsed, scored; /* ns */
};

int64_t desk_clock(void); /* ns, monotonic */

/* Set the reason and what kind of error it is; gives ERR_INPUT. */
int desk_fault(struct desk *d, enum meter_error fault, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The error that is set becomes the answer, in the dialect's own shape. */
void desk_refuse(struct desk *d, int rc);
/* An error before any model was found, and its answer. */
void desk_lose(struct desk *d, enum meter_error fault, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Is the method one of these ("GET HEAD")? If not, it is answered with 405. */
bool desk_allows(struct desk *d, const char *methods);
/* 200 with a text. */
void desk_say(struct desk *d, const char *type, const char *text);

/* A name in a path, with its %XX undone. */
struct desk_name {
	char text[256];
	size_t n;
};
bool desk_name(const char *s, size_t n,
	       struct desk_name *out); /* false: too long, or a bad escape */

/* Make d->out->served the model of that name; version n 0: any. False: answered with 404 or 503. */
bool desk_pick(struct desk *d, const struct desk_name *name, const struct desk_name *version);

/*
 * A request that scores, from its beginning to its end: read fills the sheet, write the answer's
 * body from d->said. Both give an error's code.
 */
struct desk_work {
	enum meter_dialect dialect;
	int (*read)(struct desk *d);
	int (*write)(struct desk *d);
};
void desk_run(struct desk *d, const struct desk_work *work);

/* The model's columns are in the request: the answer's headers tell which model it was. */
void desk_title(struct desk *d);

/* One value of a frame as JSON, appended; as_float: a float in a double. */
void desk_put_json(const struct frame_column *c, int64_t row, bool as_float, struct buf *out);
void desk_put_text(const char *text, size_t n, struct buf *out); /* in quotes */

/* Bytes behind the JSON that no input has taken yet. */
struct infer_tail {
	const char *at, *end;
};
int infer_inputs(struct desk *d, struct infer_tail *tail); /* infer_inputs.c */
int infer_write(struct desk *d);			   /* infer_answer.c */

/* The dialects. */
extern const struct desk_work infer_work; /* infer.c: Open Inference Protocol, JSON and binary */
extern const struct desk_work instances_work;	/* instances.c: KServe v1 */
extern const struct desk_work invocations_work; /* invocations.c: MLflow */

void route_answer(struct desk *d); /* route.c */

/* catalogue.c: all that scores nothing. p, n: what follows in the path. */
void catalogue_answer(struct desk *d, const char *p, size_t n); /* behind /v2 */
void catalogue_model(struct desk *d, const struct desk_name *name, const struct desk_name *version,
		     const char *p, size_t n);
void catalogue_v1_list(struct desk *d);
void catalogue_v1_model(struct desk *d, const struct desk_name *name);
void catalogue_health(struct desk *d);
void catalogue_version(struct desk *d);
void catalogue_metrics(struct desk *d);
void catalogue_nowhere(struct desk *d); /* 404 that says what there is */

#endif
