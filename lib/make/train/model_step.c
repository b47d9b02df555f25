/* model_step.c - a model: the matrix, the learner's program, and the contract beside its weights. */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/engine.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/make/ensemble/assemble.h"
#include "lib/make/eval/reported.h"
#include "lib/make/make.h"
#include "lib/make/train/gpu.h"
#include "lib/make/train/knowing.h"
#include "lib/make/train/label.h"
#include "lib/make/train/learners.h"
#include "lib/make/train/partitioned.h"
#include "lib/make/train/prepare.h"
#include "lib/make/train/prospect.h"
#include "lib/model/model.h"
#include "lib/step/environment.h"

enum { MODEL_NUMBER = 3 };

static bool grows_trees(const struct spec_node *node)
{
	return node->learner && !strcmp(node->learner, "xgboost");
}

/* XGBoost's sums are grouped by its ranks, and nothing in it is faster for want of an order. */
static int refuse_promise(const struct spec_node *node)
{
	if (!grows_trees(node) || node->determinism == SPEC_DETERMINISM_RUN)
		return 0;
	error_set(ERR_INPUT,
		  "%s:%d: the learner xgboost gives the same bytes for the same ranks: "
		  "determinism = run is all that it knows",
		  node->file, spec_line(node, "determinism"));
	return error_hint(ERR_INPUT, "leave determinism out, or use learner = net");
}

/* A GPU that nothing would use. */
static int refuse_gpus(const struct spec_node *node, const struct step *s)
{
	const char *device = json_str(s->params, "device", "cpu");

	if (!grows_trees(node) || !s->limits.gpus || strcmp(device, "cpu"))
		return 0;
	error_set(ERR_INPUT,
		  "%s:%d: the learner xgboost grows its trees on the CPU, and gpus is %d",
		  node->file, spec_line(node, "gpus"), s->limits.gpus);
	return error_hint(ERR_INPUT,
			  "leave gpus out, or add param = device=cuda where XGBoost finds one");
}

/* Partitions are trained side by side already, a thread each. */
static int refuse_parted_ranks(const struct spec_node *node, const struct step *s)
{
	const char *key = s->limits.gpus ? "gpus" : "ranks";

	if (!node->partition.n || (s->limits.ranks < 2 && !s->limits.gpus))
		return 0;
	error_set(ERR_INPUT,
		  "%s:%d: partitions are trained side by side in one process, without %s",
		  node->file, spec_line(node, key), key);
	return error_hint(ERR_INPUT, "use threads = N: so many are trained at a time");
}

static int describe(struct plan *p, const struct spec_node *node, struct step *s)
{
	const struct learner *l;
	int rc = refuse_parted_ranks(node, s);

	if (!rc)
		rc = refuse_promise(node);
	if (!rc)
		rc = refuse_gpus(node, s);
	if (!rc)
		rc = label_describe(p, node, s);
	if (rc || node->command)
		return rc;
	if (node->members.n)
		rc = assemble_describe(p, node, s);
	if (rc)
		return rc;
	if (!json_is_string(json_object_get(s->recipe, "label")))
		return error_hint(error_set(ERR_INPUT, "%s:%d: model '%s' has no label", node->file,
					    node->line, node->name),
				  "add label = COLUMN to its data set, or to the model");
	/* one machine's share memory, and NCCL and XGBoost find each other by themselves */
	s->limits.mpi = node->learner && !grows_trees(node) && !s->limits.gpus;
	l = node->learner ? learner_find(node->learner) : NULL;
	rc = l ? gpu_describe(node, l, s) : 0;
	return !rc && l && l->describe ? l->describe(plan_repo(p), s) : rc;
}

/* A data set says how many rows its splits have. */
static int refuse_ranks(struct repo *r, const struct step *s)
{
	const struct step_input *in = step_find_input(s, "dataset");
	json_t *metrics = NULL;
	int64_t rows;
	int rc;

	if (step_ranks(s) < 2 || !in)
		return 0;
	rc = version_metrics(r, &in->version, &metrics);
	rows = json_int(json_object_get(metrics, "train"), "rows", INT64_MAX);
	json_decref(metrics);
	if (rc || step_ranks(s) <= rows)
		return rc;
	error_set(ERR_INPUT, "cannot train in %d ranks: the split 'train' has %lld rows",
		  step_ranks(s), (long long)rows);
	return error_hint(ERR_INPUT, "train in fewer ranks: -n %lld", (long long)rows);
}

static int refuse(struct repo *r, const struct spec_node *node, const struct step *s)
{
	struct prospect data;
	int rc;

	if (!node->learner)
		return 0;
	rc = prospect_see(r, node, s, &data);
	if (!rc)
		rc = learner_find(node->learner)->vet(node, s, &data);
	prospect_clear(&data);
	return rc ? rc : refuse_ranks(r, s);
}

static int write_model(struct attempt *a, const struct spec_node *node, const struct learner *l,
		       const char *matrix, struct contract *contract)
{
	static const enum contract_mode modes[] = {
		[SPEC_CONTRACT_WARN] = CONTRACT_WARN,
		[SPEC_CONTRACT_REJECT] = CONTRACT_REJECT,
		[SPEC_CONTRACT_COERCE] = CONTRACT_COERCE,
	};

	contract->mode = modes[node->contract];
	return node->partition.n ? partitioned_write(a, l, matrix, contract)
				 : l->write(a->out, contract);
}

/* The environment with what the learner reckons with; nothing it cannot tell stops a training. */
static void add_engine(struct attempt *a, const struct learner *l)
{
	json_t *environment = environment_describe(a), *engine = json_object();

	if (l->engine && l->engine(a->repo, engine))
		error_clear();
	json_object_set_new(environment, "engine", engine);
	json_object_set_new(a->facts, "environment", environment);
}

static int base_body(void *payload)
{
	struct attempt *a = payload;

	return knowing_check(a, step_find_input(a->step, "init-from"), "gone on from");
}

/* Trees and weights that are there remember: what they learned from must not judge them. */
static int check_base(struct attempt *a, const struct spec_node *node)
{
	return node->init_from ? attempt_body(a, base_body, a) : 0;
}

static int learn(struct attempt *a, const struct spec_node *node, const struct learner *l)
{
	bool gpu = a->step->limits.gpus && l->gpu_program;
	struct contract contract = CONTRACT_INIT;
	char *dir = path_join(a->run.dir, "matrix");
	char *program = engine_libexec(gpu ? l->gpu_program : l->program);
	const char *argv[] = { program, l->option, NULL };
	int rc = check_base(a, node);

	if (!rc)
		rc = prepare_matrix(a, node, json_str(a->step->recipe, "label", ""), dir,
				    &contract);
	strlist_addf(&a->extra, "MICH_IN_MATRIX=%s", dir);
	if (!rc)
		add_engine(a, l);
	if (node->partition.n)
		strlist_addf(&a->extra, "MICH_PARTITION_MIN_ROWS=%lld",
			     (long long)node->partition_min_rows);
	if (!rc && l->var && getenv(l->var))
		strlist_addf(&a->extra, "%s=%s", l->var, getenv(l->var));
	if (gpu)
		gpu_pass(a);
	if (!rc)
		rc = attempt_program(a, argv);
	if (!rc && gpu)
		rc = gpu_take(a);
	if (!rc)
		rc = write_model(a, node, l, dir, &contract);
	contract_clear(&contract);
	free(dir);
	free(program);
	return rc;
}

/* "mich-net: why" is all of the reason; any other line says what the program said last. */
static bool own_reason(const char *line, const char **reason)
{
	size_t n = strcspn(line, " ");

	*reason = line + n + 1;
	return !strncmp(line, "mich-", 5) && n > 1 && line[n] && line[n - 1] == ':';
}

/* The last line that a failed program said is the best reason there is. */
static int explain(struct attempt *a, int rc)
{
	const char *reason;
	char *tail, *line;

	if (rc != ERR_STEP ||
	    json_object_get(a->facts, "ranks")) /* those name their line themselves */
		return rc;
	tail = process_log_tail(a->log, 1);
	line = tail ? tail + strspn(tail, "\n ") : NULL;
	if (line && !a->step->command && own_reason(line, &reason))
		rc = error_set(rc, "%s", reason);
	else if (line && *line)
		rc = error_set(rc, "%s: %s", error_text(), line);
	free(tail);
	return rc;
}

static int any_file(const char *path, const char *rel, const struct stat *st, void *payload)
{
	(void)path;
	(void)rel;
	(void)payload;
	return !S_ISDIR(st->st_mode);
}

/* A command that fills its folder with nothing has made nothing, whatever it exits with. */
static int run_command(struct attempt *a)
{
	int rc = explain(a, attempt_program(a, NULL));

	if (rc || (rc = file_walk(a->out, any_file, NULL)))
		return rc < 0 ? rc : 0;
	rc = error_set(ERR_STEP, "its command left nothing in $MICH_OUT");
	return error_hint(rc, "write the model's files to the folder that $MICH_OUT names");
}

static int run(struct attempt *a, const struct spec_node *node)
{
	char *why, *hint;
	int rc, taken;

	if (node->members.n)
		return assemble_run(a, node); /* its programs are explained where they run */
	rc = node->command ? run_command(a)
			   : explain(a, learn(a, node, learner_find(node->learner)));
	why = xstrdup(error_text());
	hint = xstrdup(error_hint_text());
	taken = reported_take(a);
	if (!rc && !taken && node->partition.n)
		taken = partitioned_take(a);
	if (rc) {
		error_set(rc, "%s", why);
		error_hint(rc, "%s", hint);
	}
	free(why);
	free(hint);
	return rc ? rc : taken;
}

const struct step_ops make_model = {
	.number = MODEL_NUMBER,
	.describe = describe,
	.refuse = refuse,
	.run = run,
};
