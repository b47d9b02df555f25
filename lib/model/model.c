/* model.c - open a model folder, score frames. */
#include "lib/model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/model/rows/cell.h"
#include "lib/model/ensemble.h"
#include "lib/model/trees/forest.h"
#include "lib/model/scorer.h"
#include "lib/model/transform.h"

enum { INPUTS_AT_ONCE = 1 << 25 }; /* floats, of model_batch() */

static const char FORMAT[] = "mich-model/1";

struct model {
	const struct scorer *scorer;
	void *state;
	json_t *meta;
	struct contract contract;
	struct model_output *outputs; /* (n_outputs) names are owned */
	size_t n_outputs;
	double *class_numbers; /* (classes) of numeric classes */
};

void model_free(struct model *m)
{
	if (!m)
		return;
	if (m->state)
		m->scorer->free(m->state);
	for (size_t i = 0; i < m->n_outputs; i++)
		free((char *)m->outputs[i].name);
	free(m->outputs);
	free(m->class_numbers);
	json_decref(m->meta);
	contract_clear(&m->contract);
	free(m);
}

static void add_output(struct model *m, enum frame_type type, char *name)
{
	m->outputs = xrealloc(m->outputs, (m->n_outputs + 1) * sizeof(*m->outputs));
	m->outputs[m->n_outputs++] = (struct model_output){ name, type };
}

static void outputs_build(struct model *m)
{
	const struct contract *c = &m->contract;

	if (c->task == TASK_RANKING)
		add_output(m, FRAME_DOUBLE, xstrdup("score"));
	else if (!c->classes.n && m->scorer->width(m->state) > 1)
		for (size_t i = 0; i < m->scorer->width(m->state); i++)
			add_output(m, FRAME_DOUBLE, xasprintf("prediction_%zu", i));
	else
		add_output(m, c->classes.n ? c->label_type : FRAME_DOUBLE, xstrdup("prediction"));
	if (c->classes.n && c->task == TASK_BINARY)
		add_output(m, FRAME_DOUBLE, xstrdup("probability"));
	else
		for (size_t i = 0; i < c->classes.n; i++)
			add_output(m, FRAME_DOUBLE, xasprintf("probability_%s", c->classes.v[i]));
}

/* Numbers of classes that are numbers; ERR_CORRUPT where their text is none. */
static int classes_build(struct model *m)
{
	const struct contract *c = &m->contract;

	m->class_numbers = xcalloc(c->classes.n, sizeof(*m->class_numbers));
	for (size_t i = 0; i < c->classes.n; i++) {
		const char *s = c->classes.v[i];
		bool b, ok = true;

		if (c->label_type == FRAME_BOOL) {
			ok = cell_bool(s, strlen(s), &b);
			m->class_numbers[i] = ok && b;
		} else if (c->label_type == FRAME_INT || c->label_type == FRAME_DOUBLE) {
			ok = cell_double(s, strlen(s), &m->class_numbers[i]);
		}
		if (!ok || c->label_type == FRAME_TIME)
			return error_set(ERR_CORRUPT, "class '%s' is no %s", s,
					 frame_type_name(c->label_type));
	}
	return 0;
}

static int check_width(const struct model *m)
{
	size_t width = m->scorer->width(m->state), n = m->contract.classes.n;

	if (m->contract.task == TASK_BINARY ? width == 1 : !n || width == n)
		return 0;
	return error_set(ERR_CORRUPT,
			 "the weights give %zu values a row, but the contract has %zu classes",
			 width, n);
}

static int open_meta(struct scorer_place *p, struct model *m)
{
	const char *kind = json_str(m->meta, "kind", "");
	int rc;

	if (strcmp(json_str(m->meta, "format", ""), FORMAT))
		return error_set(ERR_CORRUPT, "its format is '%.60s', want %s",
				 json_str(m->meta, "format", ""), FORMAT);
	m->scorer = scorer_find(kind);
	if (!m->scorer)
		return error_set(ERR_INPUT, "a model of kind '%.60s' is not known", kind);
	p->meta = m->meta;
	p->contract = &m->contract;
	if ((rc = contract_parse(json_object_get(m->meta, "contract"), &m->contract)) < 0 ||
	    (rc = m->scorer->open(p, &m->state)) < 0)
		return rc;
	if ((rc = check_width(m)) < 0 || (rc = classes_build(m)) < 0)
		return rc;
	outputs_build(m);
	return 0;
}

static int open_place(struct scorer_place *p, struct model **out)
{
	struct model *m = xcalloc(1, sizeof(*m));
	char *path = path_join(p->dir, "model.json");
	int rc = json_read(path, &m->meta);

	if (rc == ERR_NOT_FOUND)
		error_hint(error_set(rc, "'%s' has no model.json, so mich cannot score with it",
				     p->dir),
			   "score with the program that made it");
	if (!rc && (rc = open_meta(p, m)) < 0 && !p->depth)
		error_wrap(rc, "cannot open model '%s'", p->dir);
	if (rc < 0) {
		model_free(m);
		m = NULL;
	}
	free(path);
	*out = m;
	return rc;
}

int model_open(const char *dir, struct model **out)
{
	size_t opened = 1;
	struct scorer_place p = { .dir = dir, .opened = &opened };

	return open_place(&p, out);
}

int scorer_inner(const struct scorer_place *p, const char *name, struct model **out)
{
	char *dir = path_join(p->dir, name);
	struct scorer_place inner = { .dir = dir, .depth = p->depth + 1, .opened = p->opened };
	int rc;

	*out = NULL;
	if (!*name || *name == '.' || strchr(name, '/'))
		rc = error_set(ERR_CORRUPT, "'%.60s' is no folder beside model.json", name);
	else if (inner.depth > SCORER_DEPTH || ++*p->opened > SCORER_MODELS)
		rc = error_set(ERR_CORRUPT, "models lie in models more than %d deep, or %d in all",
			       SCORER_DEPTH, SCORER_MODELS);
	else if ((rc = open_place(&inner, out)) < 0)
		rc = error_wrap(rc == ERR_NOT_FOUND ? ERR_CORRUPT : rc, "model '%s' in it", name);
	free(dir);
	return rc;
}

/* The contract of a bare file: each input a number, or a category whose codes are its values. */
static void bare_contract(const struct forest *f, struct contract *c)
{
	const struct strlist *names = forest_names(f);

	c->task = forest_task(f);
	for (size_t i = 0; i < forest_inputs(f); i++) {
		char *name = i < names->n && names->n == forest_inputs(f) ? xstrdup(names->v[i])
									  : xasprintf("f%zu", i);
		struct contract_column *col = contract_add(c, name, FRAME_DOUBLE);

		col->nullable = true;
		free(name);
	}
	c->label_type = FRAME_INT;
	if (c->task == TASK_BINARY || c->task == TASK_MULTICLASS)
		for (size_t i = 0; i < (forest_groups(f) > 1 ? forest_groups(f) : 2); i++)
			strlist_addf(&c->classes, "%zu", i);
}

int model_open_xgboost(const char *path, struct model **out)
{
	struct model *m = xcalloc(1, sizeof(*m));
	struct forest *f = NULL;
	struct buf b = BUF_INIT;
	int rc = file_read(path, &b);

	m->scorer = &scorer_forest;
	if (!rc && (rc = forest_parse(b.data, b.len, 0, &f)) < 0)
		error_wrap(rc, "'%s'", path);
	if (!rc) {
		m->state = f;
		bare_contract(f, &m->contract);
		rc = check_width(m) < 0 ? ERR_CORRUPT : classes_build(m);
	}
	if (!rc)
		outputs_build(m);
	buf_clear(&b);
	if (rc < 0) {
		model_free(m);
		m = NULL;
	}
	*out = m;
	return rc;
}

const struct contract *model_contract(const struct model *m)
{
	return &m->contract;
}

const char *model_kind(const struct model *m)
{
	return m->scorer->kind;
}

const json_t *model_meta(const struct model *m)
{
	return m->meta;
}

const struct model_output *model_outputs(const struct model *m, size_t *n_out)
{
	*n_out = m->n_outputs;
	return m->outputs;
}

size_t model_floats(const struct model *m)
{
	return m->contract.classes.n ? 1 : 0;
}

void scores_clear(struct scores *s)
{
	free(s->v);
	free(s->cls);
	free(s->x);
	free(s->cols);
	free(s->cells);
	counts_clear(&s->counts);
	*s = (struct scores)SCORES_INIT;
}

static int scores_room(const struct model *m, int64_t rows, struct scores *s)
{
	size_t k = m->scorer->width(m->state), width = m->contract.inputs;

	if (s->counts.n != m->contract.n || !s->counts.cols)
		counts_init(&s->counts, m->contract.n);
	if (s->v && rows <= s->cap && k == s->k && width == s->x_width)
		return 0;
	free(s->v);
	free(s->cls);
	free(s->x);
	s->v = NULL;
	s->cls = NULL;
	s->x = NULL;
	s->cap = 0;
	s->k = k;
	s->x_width = width;
	if (mem_alloc((size_t)rows, k * sizeof(*s->v), &s->v) < 0 ||
	    mem_alloc((size_t)rows, sizeof(*s->cls), &s->cls) < 0 ||
	    mem_alloc((size_t)rows, width * sizeof(*s->x), &s->x) < 0)
		return ERR_FAIL;
	s->cap = rows;
	return 0;
}

int model_score(const struct model *m, const struct frame *in, int threads, struct scores *out)
{
	int rc = scores_room(m, in->rows, out);

	if (rc < 0 || (rc = transform_apply(&m->contract, in, out->x, &out->counts)) < 0 ||
	    (rc = m->scorer->score(m->state, out->x, in->rows, threads, out->v)) < 0)
		return rc;
	out->rows = in->rows;
	for (int64_t i = 0; m->contract.classes.n && i < in->rows; i++)
		out->cls[i] = scorer_class(out->v + (size_t)i * out->k, out->k);
	return 0;
}

int model_score_inputs(const struct model *m, const float *x, int64_t rows, int threads, float *out)
{
	return m->scorer->score(m->state, x, rows, threads, out);
}

size_t model_width(const struct model *m)
{
	return m->scorer->width(m->state);
}

int64_t model_batch(const struct model *m)
{
	int64_t rows = m->scorer->batch ? m->scorer->batch(m->state) : 0;
	int64_t most = INPUTS_AT_ONCE / (int64_t)(m->contract.inputs + 1);

	return rows < most ? rows : most;
}

static void fill_class(const struct model *m, const struct scores *s, void *cells)
{
	for (int64_t i = 0; i < s->rows; i++)
		switch (m->contract.label_type) {
		case FRAME_STRING:
			((const char **)cells)[i] = m->contract.classes.v[s->cls[i]];
			break;
		case FRAME_BOOL:
			((uint8_t *)cells)[i] = m->class_numbers[s->cls[i]] != 0;
			break;
		case FRAME_INT:
			((int64_t *)cells)[i] = (int64_t)m->class_numbers[s->cls[i]];
			break;
		default:
			((double *)cells)[i] = m->class_numbers[s->cls[i]];
		}
}

static void fill_floats(const struct scores *s, size_t k, double *cells)
{
	for (int64_t i = 0; i < s->rows; i++)
		cells[i] = s->v[(size_t)i * s->k + k];
}

int model_frame(const struct model *m, struct scores *s, struct frame *out)
{
	size_t a_column = (size_t)s->rows * 8, bytes = a_column * m->n_outputs;
	size_t floats = model_floats(m);

	if (bytes > s->cells_bytes || !s->cells) { /* no rows have an address too */
		free(s->cells);
		s->cells = NULL;
		s->cells_bytes = 0;
		if (mem_alloc(bytes + 1, 1, &s->cells) < 0)
			return ERR_FAIL;
		s->cells_bytes = bytes;
	}
	s->cols = xrealloc(s->cols, m->n_outputs * sizeof(*s->cols));
	for (size_t i = 0; i < m->n_outputs; i++) {
		char *cells = (char *)s->cells + i * a_column;

		s->cols[i] = (struct frame_column){ .name = m->outputs[i].name,
						    .type = m->outputs[i].type,
						    .d = (const double *)cells };
		if (i < floats)
			fill_class(m, s, cells);
		else
			fill_floats(s, i - floats, (double *)cells);
	}
	*out = (struct frame){ s->rows, m->n_outputs, s->cols };
	return 0;
}

/*
 * what is a new reference, and taken; NULL: a kind that needs no member of its own. weights may be
 * NULL.
 */
static int write_meta(const char *dir, const char *kind, const struct contract *c,
		      const char *weights, json_t *what, const json_t *extras)
{
	json_t *o = json_pack("{s:s,s:s,s:s*,s:o,s:o*}", "format", FORMAT, "kind", kind, "weights",
			      weights, "contract", contract_json(c), kind, what);
	char *path = path_join(dir, "model.json");
	int rc;

	if (extras)
		json_object_update_missing(o, (json_t *)extras);
	rc = json_write(path, o);
	json_decref(o);
	free(path);
	return rc;
}

int model_write_forest(const char *dir, const struct contract *c, const char *weights,
		       const json_t *extras)
{
	return write_meta(dir, scorer_forest.kind, c, weights, NULL, extras);
}

int model_write_net(const char *dir, const struct contract *c, const struct net_shape *s,
		    const char *weights, const json_t *extras)
{
	return write_meta(dir, scorer_net.kind, c, weights, net_shape_json(s), extras);
}

int model_write_ensemble(const char *dir, const struct contract *c, const struct ensemble *e)
{
	return write_meta(dir, scorer_ensemble.kind, c, NULL, ensemble_json(e), NULL);
}

int model_write_partitions(const char *dir, const struct contract *c, json_t *partitions)
{
	return write_meta(dir, scorer_partitions.kind, c, "partitions.bin", partitions, NULL);
}
