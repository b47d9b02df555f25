/* head.h - the head of a version: read from a row of the index, and told as JSON. */
#ifndef MICH_RECORD_HEAD_H
#define MICH_RECORD_HEAD_H

#include <stdbool.h>

#include "lib/base/json.h"
#include "lib/record/version.h"

struct repo;
struct index;
struct statement;

/* The first columns of a SELECT over the table version, called v. */
#define HEAD_COLUMNS                                                                       \
	"v.id, v.kind, v.name, v.number, v.content, v.commit_id, v.fingerprint, v.build, " \
	"v.validation, v.life, v.dirty, v.collected, v.started, v.finished, v.host, v.user"
enum { HEAD_COLUMNS_COUNT = 16 };

/* Of the row that st stands on; out is filled, its former strings are not freed. */
void head_read(struct statement *st, struct version *out);

/* The first row of sql, which selects HEAD_COLUMNS, with n texts bound. 1 found, 0 none: out is as it was; <0. */
int head_find(struct repo *r, const char *sql, const char *const *texts, int n,
	      struct version *out);

/*
 * The metrics of a version as nested objects, {"test": {"rmse": 19.2}}; for a model, where it has
 * none of the name, that of the newest evaluation that has it. New reference, never NULL.
 */
int head_metrics(struct repo *r, const struct version *v, json_t **out);

/*
 * {"kind","name","number","id","content","commit","state":{"build","validation","life"},
 *  "inputs":[{"role","ref","id","content"}],"code":{"commit","paths","dirty"},"params":{},"metrics":{},
 *  "engines":{},"host","user","started","finished","releases":[{"release","stages","at","user",
 *  "forced"}]}: what `show`, `ls` and `log` print as JSON.
 * Times are ISO texts; id of an imported source, content of a failed version, commit of no code are
 * null.
 */
int head_json(struct repo *r, const struct version *v, json_t **out);

/* The same from its documents, borrowed: inputs' refs as they are numbered now, when x is given. */
json_t *head_document(struct index *x, const struct version *v, const json_t *manifest,
		      json_t *metrics);

#endif
