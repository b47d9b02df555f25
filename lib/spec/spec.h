/*
 * spec.h - the Michfile, checked: every section a node with typed fields, its inputs, its order.
 *
 * One struct serves all kinds; lib/spec/key.c says which kind has which key. A field whose key the
 * kind does not have, or that was not given and has no default, is NULL, 0 or empty.
 */
#ifndef MICH_SPEC_SPEC_H
#define MICH_SPEC_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/json.h"
#include "lib/base/strlist.h"

enum spec_kind { SPEC_DATASET, SPEC_MODEL, SPEC_EVAL, SPEC_PREDICTION, SPEC_BENCH, SPEC_KINDS };

/* Values of keys with choices, in the order in which lib/spec/key.c lists them. */
enum spec_inputs { SPEC_INPUTS_LINK, SPEC_INPUTS_COPY };
enum spec_contract { SPEC_CONTRACT_WARN, SPEC_CONTRACT_REJECT, SPEC_CONTRACT_COERCE };
enum spec_task {
	SPEC_TASK_AUTO,
	SPEC_TASK_REGRESSION,
	SPEC_TASK_BINARY,
	SPEC_TASK_MULTICLASS,
	SPEC_TASK_RANKING
};
enum spec_determinism { SPEC_DETERMINISM_RUN, SPEC_DETERMINISM_WORLD, SPEC_DETERMINISM_OFF };
enum spec_combine { SPEC_MEAN, SPEC_VOTE, SPEC_WEIGHTED, SPEC_STACKED };
enum spec_part { SPEC_PART_TEST, SPEC_PART_VALIDATION, SPEC_PART_TRAIN };

/* One value of a key that may be given several times, or of a list. */
struct spec_item {
	char *text;
	int line;
};

struct spec_items {
	struct spec_item *v;
	size_t n, cap;
};

/* "75/15/10 by time(time_hour)" */
enum spec_split_by { SPEC_SPLIT_HASH, SPEC_SPLIT_ROW, SPEC_SPLIT_TIME, SPEC_SPLIT_GROUP };

struct spec_split {
	double share[3]; /* percent of train, test, validation; together 100, train above 0 */
	enum spec_split_by by;
	struct strlist cols; /* none: hash of the whole row */
	char *text;	     /* canonical: "75/15/10 by hash" */
};

/* When a step whose world changes runs again. */
enum spec_refresh_when {
	SPEC_REFRESH_NEVER,
	SPEC_REFRESH_ALWAYS,
	SPEC_REFRESH_EVERY,  /* once in every span_ms, counted from 1970 in UTC */
	SPEC_REFRESH_COMMAND /* when what it prints changes */
};

struct spec_refresh {
	enum spec_refresh_when when;
	int64_t span_ms;
	char *command;
};

/* Another artifact that a node reads. */
struct spec_ref {
	enum spec_kind kind;
	char *role; /* "dataset", "model", "member-NAME", or a source's name in the query */
	char *text; /* to resolve: kind/name, kind/name@rev, or NAMESPACE/NAME@MAJOR.MINOR */
	char *name; /* without kind, namespace and revision */
	char *rev;  /* NULL: this checkout's version where node is set, else the latest */
	int line;
	const struct spec_node
		*node; /* the node in this Michfile; NULL when pinned or without one */
};

/* What a data set or a prediction is made from: a path, or a data set. */
struct spec_source {
	char *text;  /* as given */
	char *name;  /* under which query and command see it: given, or the stem, or the table */
	char *path;  /* as given, without the table; NULL: ref */
	char *table; /* of a SQLite file; NULL for other files */
	const struct spec_ref *ref; /* among the node's refs */
	int line;
};

struct spec_node {
	enum spec_kind kind;
	char *name;	  /* without the kind */
	const char *file; /* "Michfile" */
	int line;	  /* of its header; of the first gate where it is implied */
	bool implied;	  /* eval/MODEL of a model with gates */

	/* what is made, and from what */
	struct spec_source *source;
	size_t n_source, source_cap;
	struct spec_ref *ref; /* every artifact that is read, in the order of the keys */
	size_t n_ref;
	char *query;
	char *command;
	struct spec_items code; /* paths in the work tree; a folder may end in / */
	char *label;
	int64_t seed;
	char *environment; /* path of a lock file */

	/* dataset */
	struct spec_split split;
	struct spec_items order; /* columns, ascending */
	bool exact, is_volatile, keep;
	struct spec_refresh refresh;
	struct spec_items check;

	/* model */
	struct spec_items feature, exclude; /* columns; none: all but label, weight and group */
	char *learner;			    /* NULL: command */
	char *init_from;		    /* a model to start from; NULL: none */
	struct spec_items param;	    /* KEY=VALUE, no key twice */
	json_t *params;			    /* {"max_depth": 8}: numbers and booleans as such */
	int contract, task;		    /* enum spec_contract, enum spec_task */
	int determinism;		    /* enum spec_determinism */
	char *weight, *group;
	struct spec_items members, member_weights; /* models that answer as one; their weights */
	int combine;				   /* enum spec_combine */
	int64_t folds;				   /* of combine = stacked */
	bool passthrough;
	struct spec_items partition; /* columns: a model for each value; none: one model */
	int64_t partition_min_rows;
	struct spec_items gate; /* a model's, and the same of its implied eval */

	/* eval */
	int part; /* enum spec_part: the split that is measured */
	double threshold;
	struct spec_items by; /* "carrier", "carrier * origin" */
	int64_t bins, bootstrap, importance;

	/* bench */
	struct spec_items batch; /* numbers of rows scored at once, beside 1 */
	double seconds;		 /* to measure each for */
	int64_t rows;		 /* of the split that are used, at most */
	bool synthetic;		 /* made up rows instead */
	char *target;		 /* the machine that is measured, as ssh names it; NULL: this one */

	/* run: where and how, in no fingerprint */
	int64_t threads;     /* 0: all cores */
	int64_t ranks, gpus; /* 0: one plain process; none */
	bool gpu_isolate, mpi_env;
	int64_t max_restarts;
	int64_t rank_timeout_ms; /* 0: not given */
	int64_t memory_bytes;	 /* 0: no limit */
	int64_t time_limit_ms;	 /* 0: no limit */
	int inputs;		 /* enum spec_inputs */
	bool network;
	struct spec_items env, pass, secret; /* names of environment variables */

	/*
	 * The keys as JSON, typed, with defaults filled in; a key that was not given and has no
	 * default is absent. output enters the fingerprint. input holds the output keys that enter
	 * by what they name, not by how it is spelled: source, dataset, model, code, environment,
	 * env; their contents are the step's to add. check is judged, run says where and how.
	 */
	struct {
		json_t *output, *input, *check, *run;
	} json;
	json_t *override; /* {"max_depth": "3"} as given by spec_set; NULL without */

	/* private */
	char *ref_text[2]; /* values of the keys dataset and model, by enum spec_kind */
	size_t place;	   /* in the spec's array */
	int *line_of;	   /* by key, 0 where it was not given */
};

struct spec_policy;
struct spec {
	char *file;
	struct spec_node **v; /* in the order of the file, implied ones right after their model */
	size_t n, cap;
	struct spec_policy *policy; /* policy.h: who may release under which name */
	size_t n_policy, cap_policy;
};

const char *spec_kind_name(enum spec_kind kind); /* "dataset", ... */
int spec_kind_parse(const char *text, size_t n); /* an enum spec_kind, or -1 */

/* Is it a name of an artifact: [a-z0-9][a-z0-9_-]*, at most 200 bytes? ERR_INPUT says what is not.
 */
int spec_check_name(const char *name);

/*
 * Read and check n bytes of a Michfile, whose name begins each message: "Michfile:7: unknown key
 * 'lable' in [dataset "flights"], did you mean 'label'?". *out is NULL after an error. ERR_INPUT.
 */
int spec_parse(const char *data, size_t n, const char *file, struct spec **out);

/* The same from a file; messages carry its last part. ERR_NOT_FOUND when there is none. */
int spec_load(const char *path, struct spec **out);
void spec_free(struct spec *s);

/* Borrowed; NULL when there is none. */
struct spec_node *spec_find(const struct spec *s, enum spec_kind kind, const char *name);

/*
 * A node that no section has, as if pairs (key, value, ..., NULL) were typed in one: what a
 * command line asks for, such as `mich eval eta --on holdout`. It belongs to s. Takes the place
 * of an implied node; ERR_EXISTS where a section has the name.
 */
int spec_define(struct spec *s, enum spec_kind kind, const char *name, const char *const *pairs,
		struct spec_node **out);

/*
 * Override for one run: n of "KEY=VALUE", where KEY is a key of the section, else a parameter of the
 * model's learner or command. Repeatable keys and lists are replaced, a parameter is added.
 * Recorded in node->override; refs of the node are made anew. What they come to is checked once
 * all are read, so their order does not matter. ERR_INPUT, after which only spec_free is left.
 */
int spec_set(struct spec *s, struct spec_node *node, const char *const *assignments, size_t n);

/*
 * Before spec_set: is what it would take for a parameter of a command rather a key mistyped, near to one or with
 * a '-' as they have? Then what to say of it, which the caller frees; NULL: no, or the Michfile gives the parameter.
 */
char *spec_set_doubt(const struct spec_node *node, const char *assignment);

/*
 * Every node after all that it reads, else as in the file. n = s->n; the caller frees the array. ERR_INPUT prints
 * a circle, each node with its file:line.
 */
int spec_order(const struct spec *s, const struct spec_node ***out);

/* Where a key of the node was given, its header's line where it was not: for messages. */
int spec_line(const struct spec_node *node, const char *key);

/* The keys of all sections, as a part of michfile(5) in scdoc's language. */
void spec_write_scd(struct buf *out);

#endif
