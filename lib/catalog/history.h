/* history.h - what happened, newest first: versions and the events on them. */
#ifndef MICH_CATALOG_HISTORY_H
#define MICH_CATALOG_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/json.h"
#include "lib/record/version.h"

struct index;

struct history_event {
	char *version; /* id */
	char *ref;
	char *type; /* "note", "deprecated", ... */
	char *user;
	json_t *data; /* NULL: none */
	int64_t at_ms;
};

struct history_metric {
	char *key; /* "test.rmse"; NULL: it has no metric */
	double value;
};

struct history {
	struct version *versions;	/* (n) newest first */
	struct history_metric *metrics; /* (n) the one to show of each */
	size_t n, cap;
	struct history_event
		*events; /* (n_events) newest first; not older than the oldest version */
	size_t n_events, events_cap;
};

#define HISTORY_INIT \
	{            \
		0    \
	}

struct history_query {
	const char *kind, *name; /* NULL: any */
	const char *id;		 /* of one version; NULL: any */
	int64_t limit;		 /* of versions; 0: all */
};

int history_read(struct index *x, const struct history_query *q, struct history *out);
void history_clear(struct history *h);

/* {"text": ..} as text, "by reason" and the like for people; "" when there is nothing to add.
 * Caller frees. */
char *history_event_text(const struct history_event *e);

/* {"notes": [{"at","user","text"}], "tags": {}} of a version; new reference. */
int history_remarks(struct index *x, const struct version *v, json_t **out);

/* The lower, the sooner a metric is shown where there is no room for all; counts of rows come last. */
int history_metric_rank(const char *key);

#endif
