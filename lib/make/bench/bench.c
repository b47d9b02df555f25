/* bench.c - how fast a model answers, on this machine or on another. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/hardware.h"
#include "lib/base/mem.h"
#include "lib/make/bench/benchmark.h"
#include "lib/make/bench/target.h"
#include "lib/make/make.h"

enum { BENCH_NUMBER = 1 };

/* One row at a time is always measured, and first. */
static int parse_batches(const struct spec_node *node, struct benchmark *j)
{
	static const int64_t usual[] = { 1, 10, 100, 1000 };

	j->n_batch = node->batch.n ? 1 : ARRAY_LEN(usual);
	memcpy(j->batch, usual, j->n_batch * sizeof *usual);
	for (size_t i = 0; i < node->batch.n; i++) {
		const char *text = node->batch.v[i].text;
		char *end;
		long long n = strtoll(text, &end, 10);
		bool twice = false;

		if (*end || !*text || n < 1 || n > BENCHMARK_BATCH_MAX)
			return error_set(
				ERR_INPUT, "%s:%d: batch '%s' is no number of rows from 1 to %d",
				node->file, node->batch.v[i].line, text, BENCHMARK_BATCH_MAX);
		for (size_t k = 0; k < j->n_batch; k++)
			twice = twice || j->batch[k] == n;
		if (twice)
			continue;
		if (j->n_batch == BENCHMARK_BATCHES)
			return error_set(ERR_INPUT, "%s:%d: more than %d sizes of batches",
					 node->file, node->batch.v[i].line, BENCHMARK_BATCHES);
		j->batch[j->n_batch++] = n;
	}
	return 0;
}

/*
 * The hardware is a parameter of what is made: the same recipe on another machine is another version,
 * and lists show which is which.
 */
static int describe(struct plan *p, const struct spec_node *node, struct step *s)
{
	json_t *here = hardware_json();
	struct benchmark b = { 0 };
	char *id = node->target ? target_id(plan_repo(p), node->target)
				: xstrdup(json_str(here, "id", ""));
	int rc = node->target ? target_check(node->target) : 0;

	json_object_set_new(s->params, "hardware", json_string(id ? id : "not known"));
	json_object_set_new(s->params, "input",
			    json_string(node->synthetic ? "synthetic" : "recorded"));
	json_object_set_new(s->params, "threads", json_integer(node->threads));
	if (node->target) {
		json_object_del(s->recipe, "target"); /* said once, where lists find it */
		json_object_set_new(s->params, "target", json_string(node->target));
	}
	json_decref(here);
	free(id);
	return rc ? rc : parse_batches(node, &b);
}

static int ask(struct repo *r, const struct spec_node *node)
{
	return node->target ? target_ask(r, node->target) : 0;
}

static const char *part_of(const struct spec_node *node)
{
	static const char *const parts[] = { [SPEC_PART_TEST] = "test",
					     [SPEC_PART_VALIDATION] = "validation",
					     [SPEC_PART_TRAIN] = "train" };

	return parts[node->part];
}

static int measure_here(struct attempt *a, struct benchmark *b)
{
	int rc;

	b->report = path_join(a->tmp, "bench.json");
	b->threads = a->threads;
	rc = attempt_body(a, benchmark_run, b);
	if (!rc)
		rc = json_read(b->report, &a->metrics);
	json_object_set_new(a->facts, "hardware", hardware_json());
	return rc;
}

static int measure_there(struct attempt *a, const char *host, const struct benchmark *b)
{
	json_t *answer = NULL, *bench;
	int rc = target_measure(a, host, b, &answer);

	json_object_set_new(a->facts, "target", json_pack("{s:s}", "host", host));
	if (!rc) {
		bench = json_object_get(answer, "bench");
		a->metrics = json_pack("{s:O}", "bench", bench);
		json_object_set(a->facts, "threads", json_object_get(bench, "threads"));
		json_object_set(a->facts, "hardware", json_object_get(answer, "hardware"));
		json_object_set(json_object_get(a->facts, "target"), "mich",
				json_object_get(answer, "mich"));
	}
	json_decref(answer);
	return rc;
}

static int run(struct attempt *a, const struct spec_node *node)
{
	const struct step_input *model = step_find_input(a->step, "model"),
				*data = step_find_input(a->step, "dataset");
	char *dir = data ? attempt_input_path(a, data) : NULL;
	struct benchmark b = { .model = attempt_input_path(a, model),
			       .part = part_of(node),
			       .table = dir ? xasprintf("%s/%s.parquet", dir, part_of(node)) : NULL,
			       .rows = node->rows,
			       .seconds = node->seconds,
			       .threads = (int)node->threads };
	int rc = parse_batches(node, &b);

	json_object_set_new(a->facts, "input",
			    json_string(node->synthetic ? "synthetic" : "recorded"));
	if (!rc)
		rc = node->target ? measure_there(a, node->target, &b) : measure_here(a, &b);
	free(dir);
	free(b.model);
	free(b.table);
	free(b.report);
	return rc;
}

const struct step_ops make_bench = {
	.number = BENCH_NUMBER,
	.describe = describe,
	.ask = ask,
	.run = run,
};
