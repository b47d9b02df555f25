/* evidence.c - score the hold-out with both models, leave out what production knows, and measure. */
#define _GNU_SOURCE
#include "lib/make/judge/evidence.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/launch/process.h"
#include "lib/make/score/scored.h"
#include "lib/make/trained.h"
#include "lib/measure/evaluation/evaluation.h"
#include "lib/record/repo.h"
#include "lib/record/run/scratch.h"
#include "lib/table/split/seen.h"

/* Work in the child: everything here is its own. */
struct gathering {
	const struct evidence_ask *ask;
	const char *home;   /* where the repository is found */
	const char *result; /* the file that the answer goes to */
	struct repo *repo;
	struct scored own, production;
	struct table_seen seen;
	uint32_t *row; /* (n) those of the split that production was not trained on */
	size_t n;
	json_t *answer;
};

static struct scored_ask wanted(const struct gathering *g, const char **columns)
{
	struct scored_ask ask = { .part = g->ask->part, .by = columns, .bins = g->ask->bins };

	for (size_t i = 0; i < g->ask->n_by; i++)
		for (int k = 0; k < 2 && g->ask->by[i]->column[k]; k++) {
			bool known = false;

			for (size_t j = 0; j < ask.n_by; j++)
				known = known || !strcmp(columns[j], g->ask->by[i]->column[k]);
			if (!known)
				columns[ask.n_by++] = g->ask->by[i]->column[k];
		}
	return ask;
}

static int score_own(struct gathering *g)
{
	const char **columns = xcalloc(2 * g->ask->n_by + 1, sizeof *columns);
	struct scored_ask ask = wanted(g, columns);
	int rc = scored_versions(g->repo, g->ask->model, g->ask->data, &ask, &g->own);

	free(columns);
	return rc;
}

/* Which rows are left, by the file that production learned from. */
static int leave_out(struct gathering *g)
{
	char *path = xasprintf("files/%s.parquet", g->ask->part), *table = NULL, *known = NULL;
	int rc = trained_rows(g->repo, g->ask->production, &known);

	if (!rc && known)
		rc = version_path(g->repo, g->ask->data, path, &table);
	if (!rc && known)
		rc = table_seen(table, known, 0, NULL, &g->seen);
	if (!rc && known && (size_t)g->seen.rows != g->own.rows)
		rc = error_set(ERR_FAIL, "the split '%s' has %lld rows, and %zu were scored",
			       g->ask->part, (long long)g->seen.rows, g->own.rows);
	if (!rc)
		rc = mem_alloc(g->own.rows, sizeof *g->row, &g->row);
	for (size_t i = 0; !rc && i < g->own.rows; i++)
		if (!g->seen.mask || !g->seen.mask[i])
			g->row[g->n++] = (uint32_t)i;
	free(path);
	free(table);
	free(known);
	return rc;
}

/* Of each slice only the rows that are among those left, both ascending; in place. */
static void keep_left(struct slices *all, const uint32_t *left, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < all->n; i++) {
		struct slice *s = &all->v[i];
		uint32_t *out = all->row + (s->row - all->row);
		size_t k = 0, at = 0;

		for (size_t j = 0; j < s->rows; j++) {
			while (at < n && left[at] < s->row[j])
				at++;
			if (at < n && left[at] == s->row[j])
				out[k++] = left[at];
		}
		s->rows = k;
		if (k)
			all->v[kept++] = *s;
	}
	all->n = kept;
}

static bool is_listed(const json_t *document, const json_t *by)
{
	json_t *entry;
	size_t i;

	json_array_foreach((json_t *)document, i, entry)
		if (json_equal(json_object_get(entry, "by"), by))
			return true;
	return false;
}

/* Slices by one gate's columns, of the rows left (NULL: all), appended to the document. */
static int add_slices(struct gathering *g, const struct gate_by *by, const struct measure_input *in,
		      const uint32_t *left, size_t n, json_t *document)
{
	const struct slice_column *a = scored_by(&g->own, by->column[0]);
	const struct slice_column *b = by->column[1] ? scored_by(&g->own, by->column[1]) : NULL;
	struct slices all = SLICES_INIT;
	json_t *names = NULL, *one = NULL;
	int rc = slices_make(a, b, &all);

	if (!rc)
		names = slices_by(&all);
	if (!rc && !is_listed(document, names)) {
		if (left)
			keep_left(&all, left, n);
		rc = evaluation_slices(in, &all, NULL, &one);
	}
	if (one)
		json_array_append(document, one);
	json_decref(names);
	json_decref(one);
	slices_clear(&all);
	return rc;
}

static int slice_all(struct gathering *g, const char *member, const struct measure_input *in,
		     const uint32_t *left, size_t n)
{
	json_t *document = json_array();
	int rc = 0;

	for (size_t i = 0; !rc && i < g->ask->n_by; i++)
		rc = add_slices(g, g->ask->by[i], in, left, n, document);
	json_object_set_new(g->answer, member, document);
	return rc;
}

/* One side on the rows that are left: figures and slices. */
static int measure_side(struct gathering *g, const struct scored *s, const char *member,
			const char *slices)
{
	struct measure_input in = scored_input(s, g->ask->threshold);
	json_t *metrics = NULL;
	int rc = measure_rows(&in, g->row, g->n, &metrics);

	if (!rc)
		json_object_set_new(g->answer, member, json_pack("{s:o}", g->ask->part, metrics));
	return rc ? rc : slice_all(g, slices, &in, g->row, g->n);
}

static int refuse_empty(const struct gathering *g)
{
	char *ref = version_ref(g->ask->production);
	int rc = g->n ? 0
		      : error_set(ERR_INPUT,
				  "%s was trained on every row of the split '%s' (%zu rows)", ref,
				  g->ask->part, g->own.rows);

	free(ref);
	return rc;
}

static int measure_production(struct gathering *g)
{
	struct scored_ask ask = { .part = g->ask->part };
	int rc = scored_versions(g->repo, g->ask->production, g->ask->data, &ask, &g->production);

	if (!rc && g->production.task != g->own.task)
		rc = error_set(ERR_INPUT, "it answers another kind of question");
	if (!rc)
		rc = leave_out(g);
	if (!rc)
		rc = refuse_empty(g);
	if (!rc)
		rc = measure_side(g, &g->own, "own", "own_slices");
	if (!rc)
		rc = measure_side(g, &g->production, "production", "production_slices");
	json_object_set_new(g->answer, "left_out", json_integer(g->seen.n));
	return rc;
}

/* What failed is an answer, too, but where nothing could work. */
static int told(struct gathering *g, const char *member, int rc)
{
	char *why;

	if (!rc || rc == ERR_INTERRUPT || rc == ERR_IO || rc == ERR_ENGINE)
		return rc;
	why = *error_hint_text() ? xasprintf("%s (%s)", error_text(), error_hint_text())
				 : xstrdup(error_text());
	json_object_set_new(g->answer, member, json_bytes(why));
	error_clear();
	free(why);
	return 0;
}

static int measure_all(struct gathering *g)
{
	struct measure_input in;
	int rc = score_own(g);

	if (rc)
		return told(g, "own_failed", rc);
	json_object_set_new(g->answer, "rows", json_integer((json_int_t)g->own.rows));
	in = scored_input(&g->own, g->ask->threshold);
	rc = told(g, "own_failed", slice_all(g, "slices", &in, NULL, 0));
	if (!rc && g->ask->production)
		rc = told(g, "production_failed", measure_production(g));
	return rc;
}

static int body(void *payload)
{
	struct gathering *g = payload;
	int rc = repo_open(g->home, REPO_READ, &g->repo);

	g->answer = json_object();
	if (!rc)
		rc = measure_all(g);
	if (!rc)
		rc = json_write(g->result, g->answer);
	scored_clear(&g->own);
	scored_clear(&g->production);
	table_seen_clear(&g->seen);
	free(g->row);
	json_decref(g->answer);
	repo_close(g->repo);
	return rc;
}

static json_t *take(const json_t *answer, const char *key)
{
	return json_incref(json_object_get(answer, key));
}

static char *take_text(const json_t *answer, const char *key)
{
	return json_object_get(answer, key)
		       ? xstrdup(json_str(answer, key, "it cannot be measured"))
		       : NULL;
}

static void read_answer(const json_t *answer, struct evidence *out)
{
	out->slices = take(answer, "slices");
	out->own = take(answer, "own");
	out->own_slices = take(answer, "own_slices");
	out->production = take(answer, "production");
	out->production_slices = take(answer, "production_slices");
	out->rows = json_int(answer, "rows", 0);
	out->left_out = json_int(answer, "left_out", 0);
	out->own_failed = take_text(answer, "own_failed");
	out->production_failed = take_text(answer, "production_failed");
}

/* Where repo_open() finds the repository again: its work tree, else the folder above .git/mich. */
static char *home_of(const struct repo *r)
{
	const char *mich = repo_mich_dir(r);

	return repo_workdir(r) ? xstrdup(repo_workdir(r))
			       : xstrndup(mich, (size_t)(strrchr(mich, '/') - mich));
}

int evidence_gather(struct repo *r, const struct evidence_ask *ask, struct evidence *out)
{
	char *home = home_of(r), *dir = NULL;
	char *result = NULL;
	struct gathering g = { .ask = ask, .home = home };
	struct process_plan plan = { .body = body, .payload = &g };
	struct process_result ended;
	json_t *answer = NULL;
	int rc = scratch_make(r, "judged", &dir);

	*out = (struct evidence)EVIDENCE_INIT;
	if (rc)
		goto out;
	g.result = result = path_join(dir, "answer.json");
	rc = process_run(&plan, &ended);
	if (!rc)
		rc = json_read(result, &answer);
	if (!rc)
		read_answer(answer, out);
	if (file_remove_tree(dir) && !rc)
		error_clear(); /* a later command removes it */
out:
	json_decref(answer);
	free(result);
	free(home);
	free(dir);
	return rc;
}

void evidence_clear(struct evidence *e)
{
	json_decref(e->slices);
	json_decref(e->own);
	json_decref(e->own_slices);
	json_decref(e->production);
	json_decref(e->production_slices);
	free(e->own_failed);
	free(e->production_failed);
	*e = (struct evidence)EVIDENCE_INIT;
}
