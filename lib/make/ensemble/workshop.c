/* workshop.c - a model's step in folders of its own. */
#include "lib/make/ensemble/workshop.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "lib/make/make.h"

/* What holds for the whole holds for each program of it. */
static void take_limits(struct step_limits *l, const struct step_limits *outer)
{
	l->time_ms = outer->time_ms;
	l->memory_bytes = outer->memory_bytes;
	if (outer->max_restarts > l->max_restarts)
		l->max_restarts = outer->max_restarts;
	if (outer->silence_ms)
		l->silence_ms = outer->silence_ms;
}

int workshop_open(struct attempt *outer, const struct step *step, const char *dir,
		  struct workshop *w)
{
	const char *const names[] = { "work", "in", "out", "tmp" };
	char **paths[] = { &w->a.work, &w->a.in, &w->a.out, &w->a.tmp };
	int rc = 0;

	*w = (struct workshop){ .outer = outer, .step = *step, .a = *outer };
	w->a.step = &w->step;
	w->a.run.dir = xstrdup(dir);
	w->a.events = path_join(dir, "events.jsonl");
	w->a.extra = (struct strlist)STRLIST_INIT;
	w->a.metrics = w->a.profile = w->a.judged = NULL;
	w->a.facts = json_object();
	w->a.ran = false;
	if (step->limits.threads)
		w->a.threads = step->limits.threads;
	take_limits(&w->step.limits, &outer->step->limits);
	w->step.inputs = &w->data;
	w->step.n_inputs = 1;
	w->data = (struct step_input){ .role = xstrdup("dataset"), .ref = xstrdup("dataset") };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		*paths[i] = path_join(dir, names[i]);
		rc = rc ? rc : file_make_dirs(*paths[i]);
	}
	if (!rc && step->command)
		rc = code_place(outer->repo, &step->code, w->a.work);
	return rc;
}

char *workshop_data(const struct workshop *w)
{
	return path_join(w->a.in, w->data.role);
}

/* What is kept of the data for the next time is kept by their bytes. */
static int add_hash(const char *path, const char *rel, const struct stat *st, void *payload)
{
	struct hash *h = payload;
	char hex[HASH_HEX + 1];
	int rc;

	if (!S_ISREG(st->st_mode))
		return 0;
	rc = hash_file(path, hex, NULL);
	hash_add(h, rel, strlen(rel) + 1);
	hash_add(h, hex, sizeof hex);
	return rc;
}

int workshop_run(struct workshop *w, const struct spec_node *node)
{
	char *data = workshop_data(w);
	struct hash h;
	int rc;

	hash_init(&h);
	rc = file_walk(data, add_hash, &h);
	hash_hex(&h, w->data.content);
	free(data);
	if (!rc)
		rc = make_model.run(&w->a, node);
	if (w->a.ran) {
		w->outer->ran = true;
		w->outer->last = w->a.last;
	}
	return rc;
}

void workshop_close(struct workshop *w, bool keep)
{
	if (!keep && w->a.run.dir)
		file_remove_tree(w->a.run.dir);
	free(w->a.run.dir);
	free(w->a.work);
	free(w->a.in);
	free(w->a.out);
	free(w->a.tmp);
	free(w->a.events);
	free(w->data.role);
	free(w->data.ref);
	strlist_clear(&w->a.extra);
	json_decref(w->a.metrics);
	json_decref(w->a.profile);
	json_decref(w->a.judged);
	json_decref(w->a.facts);
}
