/* grounds.c - gather what gates need: recorded figures, production, benches, and measurements. */
#include "lib/make/judge/grounds.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/make/judge/holdout.h"
#include "lib/make/judge/production.h"
#include "lib/make/reproduce.h"
#include "lib/measure/evaluation/evaluation.h"

bool grounds_pairs(const struct gate *g)
{
	const struct gate_side *sides[] = { &g->left, &g->right };
	bool measured = false;

	for (int i = 0; i < 2; i++)
		measured = measured || sides[i]->slice.n ||
			   (sides[i]->metric && strncmp(sides[i]->metric, "bench.", 6) != 0);
	return measured && gate_needs(g) & GATE_NEEDS_PRODUCTION;
}

static int parse_gates(struct grounds *g)
{
	const struct spec_items *items = g->ask->gate;
	int rc = 0;

	g->gate = xcalloc(items->n + 1, sizeof *g->gate);
	for (; !rc && g->n < items->n; g->n += !rc) {
		const struct spec_item *item = &items->v[g->n];

		rc = gate_parse(item->text, strlen(item->text), &g->gate[g->n]);
		if (rc && g->ask->file)
			error_wrap(rc, "%s:%d", g->ask->file, item->line);
		else if (!rc)
			g->needs |= gate_needs(&g->gate[g->n]);
	}
	return rc;
}

static int find_production(struct grounds *g)
{
	int rc;

	if (!(g->needs & GATE_NEEDS_PRODUCTION))
		return 0;
	rc = production_find(g->repo, g->model.name, g->ask->space, g->ask->name, &g->production,
			     &g->production_ref);
	g->in_production = !rc;
	if (rc == ERR_INPUT)
		g->unknown = error_advice();
	if (rc != ERR_INPUT && rc != ERR_NOT_FOUND)
		return rc;
	error_clear();
	return 0;
}

static int find_benches(struct grounds *g)
{
	int rc;

	if (!(g->needs & GATE_NEEDS_BENCH))
		return 0;
	rc = benched_find(g->repo, &g->model, NULL, &g->bench);
	if (!rc && g->in_production)
		rc = benched_find(g->repo, &g->production, g->bench.hardware, &g->production_bench);
	return rc;
}

/* The slices that an evaluation recorded; *out stays NULL where it has none. */
static int read_slices(struct repo *r, const struct version *eval, json_t **out)
{
	static const char path[] = "files/" EVALUATION_FILE;
	struct buf b = BUF_INIT;
	json_t *document = NULL;
	int rc = version_has(r, eval, path) ? version_cat(r, eval, path, &b) : 0;

	if (!rc && b.len)
		rc = json_parse(b.data, b.len, EVALUATION_FILE, &document);
	*out = json_incref(json_object_get(document, "slices"));
	json_decref(document);
	buf_clear(&b);
	return rc;
}

int grounds_prepare(struct grounds *g)
{
	json_t *manifest = NULL;
	int rc = parse_gates(g);

	if (!rc)
		rc = holdout_read(g->repo, g->ask->eval, &g->model, &g->data, &g->part);
	if (!rc)
		rc = version_manifest(g->repo, g->ask->eval, &manifest);
	if (!rc)
		rc = version_metrics(g->repo, g->ask->eval, &g->metrics);
	if (!rc)
		rc = read_slices(g->repo, g->ask->eval, &g->slices);
	if (!rc)
		rc = find_production(g);
	if (!rc)
		rc = find_benches(g);
	g->by_command = json_str(manifest, "command", NULL) != NULL;
	g->threshold = json_num(json_object_get(manifest, "recipe"), "threshold", 0);
	g->bins = (int)json_int(json_object_get(manifest, "recipe"), "bins", 0);
	if (!g->metrics)
		g->metrics = json_object();
	json_decref(manifest);
	return rc;
}

/* A program measured the candidate: what it recorded counts, and production is measured by it, too. */
static int measure_by_command(struct grounds *g, const struct version *production)
{
	struct evidence *e = &g->evidence;
	struct version other = VERSION_INIT;
	int rc;

	e->slices = json_incref(g->slices);
	e->own_slices = json_incref(g->slices);
	if (!production)
		return 0;
	rc = reproduce_with(g->repo, g->ask->eval, "model", production, &other);
	if (!rc)
		rc = version_metrics(g->repo, &other, &e->production);
	if (!rc)
		rc = read_slices(g->repo, &other, &e->production_slices);
	version_clear(&other);
	if (!rc || rc == ERR_INTERRUPT)
		return rc;
	e->production_failed = xstrdup(error_text());
	error_clear();
	return 0;
}

static bool is_recorded(const json_t *slices, const struct gate_by *by)
{
	json_t *names = by->column[1] ? json_pack("[s,s]", by->column[0], by->column[1])
				      : json_pack("[s]", by->column[0]);
	const json_t *entry;
	bool found = false;
	size_t i;

	json_array_foreach((json_t *)slices, i, entry)
		found = found || json_equal(json_object_get(entry, "by"), names);
	json_decref(names);
	return found;
}

/* Does the evaluation hold every slice that is asked for? */
static bool all_recorded(const struct grounds *g)
{
	const struct gate_by *by;

	for (size_t i = 0; i < g->n; i++)
		for (size_t k = 0; (by = gate_by(&g->gate[i], k)); k++)
			if (!is_recorded(g->slices, by))
				return false;
	return true;
}

int grounds_measure(struct grounds *g)
{
	struct evidence_ask ask = { .model = &g->model,
				    .data = &g->data,
				    .part = g->part,
				    .threshold = g->threshold,
				    .bins = g->bins };
	const struct gate_by **by = NULL, *one;
	size_t cap = 0;
	int rc;

	for (size_t i = 0; i < g->n; i++) {
		if (g->in_production && grounds_pairs(&g->gate[i]))
			ask.production = &g->production;
		for (size_t k = 0; (one = gate_by(&g->gate[i], k)); k++) {
			ARRAY_GROW(by, ask.n_by, cap);
			by[ask.n_by++] = one;
		}
	}
	ask.by = by;
	if (!ask.n_by && !ask.production)
		return 0;
	if (g->by_command) {
		rc = measure_by_command(g, ask.production);
	} else if (!ask.production && all_recorded(g)) {
		g->evidence.slices = json_incref(g->slices);
		rc = 0;
	} else {
		rc = evidence_gather(g->repo, &ask, &g->evidence);
	}
	free(by);
	return rc;
}

void grounds_clear(struct grounds *g)
{
	for (size_t i = 0; i < g->n; i++)
		gate_clear(&g->gate[i]);
	free(g->gate);
	version_clear(&g->model);
	version_clear(&g->data);
	json_decref(g->metrics);
	json_decref(g->slices);
	version_clear(&g->production);
	free(g->production_ref);
	free(g->unknown);
	benched_clear(&g->bench);
	benched_clear(&g->production_bench);
	evidence_clear(&g->evidence);
}
