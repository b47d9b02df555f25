/* matched.c - from two recorded models to their answers on the same rows. */
#define _GNU_SOURCE
#include "lib/make/score/matched.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/deal.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/make/score/loaded.h"
#include "lib/make/trained.h"
#include "lib/model/model.h"
#include "lib/record/run/scratch.h"
#include "lib/table/split/seen.h"

static int open_side(struct matched *m, struct matched_side *s, const struct version *v)
{
	int rc;

	s->v = v;
	s->ref = version_ref(v);
	rc = loaded_model(m->repo, v, &s->m);
	if (!rc)
		rc = scored_group(m->repo, v, &s->group);
	if (!rc && !model_contract(s->m)->label)
		rc = error_set(ERR_INPUT, "%s does not know its label", s->ref);
	return rc;
}

static int refuse(const struct matched *m, const char *what, const char *a, const char *b)
{
	return error_set(ERR_INPUT, "cannot compare %s with %s: %s '%s', the other '%s'",
			 m->side[0].ref, m->side[1].ref, what, a, b);
}

static bool same_classes(const struct contract *a, const struct contract *b)
{
	if (a->classes.n != b->classes.n)
		return false;
	for (size_t i = 0; i < a->classes.n; i++)
		if (!strlist_has(&b->classes, a->classes.v[i]))
			return false;
	return true;
}

/* Both must answer the same question. */
static int check_alike(const struct matched *m)
{
	const struct contract *a = model_contract(m->side[0].m), *b = model_contract(m->side[1].m);
	const char *group[] = { m->side[0].group, m->side[1].group };

	if (a->task != b->task)
		return refuse(m, "the task of one is", contract_task_name(a->task),
			      contract_task_name(b->task));
	if (strcmp(a->label, b->label) != 0)
		return refuse(m, "one predicts", a->label, b->label);
	if (a->task == TASK_RANKING && group[0] && group[1] && strcmp(group[0], group[1]) != 0)
		return refuse(m, "one ranks within", group[0], group[1]);
	if (!same_classes(a, b))
		return error_set(
			ERR_INPUT,
			"cannot compare %s with %s: they do not tell apart the same classes",
			m->side[0].ref, m->side[1].ref);
	return 0;
}

/* The data set to compare on, unless one was asked for: what they learned from has the hold-out. */
static int find_data(struct matched *m, const struct version *data)
{
	int rc;

	if (data)
		return version_copy(data, &m->data);
	rc = trained_dataset(m->repo, m->side[1].v, &m->data);
	if (rc == ERR_NOT_FOUND)
		rc = trained_dataset(m->repo, m->side[0].v, &m->data);
	if (rc != ERR_NOT_FOUND)
		return rc;
	error_set(ERR_INPUT, "cannot compare %s with %s: it is not known on which rows",
		  m->side[0].ref, m->side[1].ref);
	return error_hint(ERR_INPUT, "say what to compare on: --on DATASET");
}

static int find_table(struct matched *m)
{
	char *path = xasprintf("files/%s.parquet", m->part), *dir = NULL;
	int rc = 0;

	m->data_ref = version_ref(&m->data);
	if (!version_has(m->repo, &m->data, path)) {
		rc = error_set(ERR_INPUT, "%s has no rows in its split '%s'", m->data_ref, m->part);
		error_hint(rc, "compare on another: --split validation, --on DATASET");
	} else {
		rc = scratch_make(m->repo, "compare", &m->scratch);
	}
	if (!rc) {
		dir = path_join(m->scratch, "files");
		m->table = path_join(m->scratch, path);
		rc = version_place(m->repo, &m->data, PLACE_LINK, dir);
	}
	free(dir);
	free(path);
	return rc;
}

/* The columns come with the rows of the first model; the second needs its own inputs alone. */
static int score_side(struct matched *m, int i, const struct scored_ask *all)
{
	struct matched_side *s = &m->side[i];
	struct scored_ask ask = *all;
	int rc;

	ask.group = s->group;
	if (i)
		ask.n_by = 0;
	rc = scored_table(s->m, m->table, &ask, &s->scored);
	if (!rc && s->scored.rows != m->side[0].scored.rows)
		rc = error_set(ERR_FAIL, "%s gave %zu answers for %zu rows", s->ref, s->scored.rows,
			       m->side[0].scored.rows);
	return rc ? error_wrap(rc, "%s on %s", s->ref, m->data_ref) : 0;
}

/* The place among b's classes of each class of a. */
static void map_classes(const struct strlist *a, const struct strlist *b, size_t *to)
{
	for (size_t i = 0; i < a->n; i++)
		for (to[i] = 0; strcmp(b->v[to[i]], a->v[i]) != 0;)
			to[i]++;
}

/* Probabilities in the order of a's classes; of two classes there is one, that of the second. */
static void reorder(struct scored *s, const size_t *to, size_t classes)
{
	float *row = xcalloc(classes, sizeof *row);

	for (size_t i = 0; i < s->rows; i++) {
		float *p = s->predictions + i * s->k;

		if (s->k == 1) {
			*p = 1 - *p;
			continue;
		}
		for (size_t c = 0; c < classes; c++)
			row[c] = p[to[c]];
		memcpy(p, row, classes * sizeof *row);
	}
	free(row);
}

/* Two models may number the classes differently, where their data did. */
static void align_classes(struct matched *m)
{
	struct scored *a = &m->side[0].scored, *b = &m->side[1].scored;
	size_t *to = xcalloc(a->classes.n + 1, sizeof *to);
	bool moved = false;

	map_classes(&a->classes, &b->classes, to);
	for (size_t i = 0; i < a->classes.n; i++)
		moved = moved || to[i] != i;
	if (moved) {
		reorder(b, to, a->classes.n);
		memcpy(b->labels, a->labels, a->rows * sizeof *b->labels);
	}
	free(to);
}

/* Mark the rows that a model was trained on. */
static int leave_out(struct matched *m, struct matched_side *s)
{
	struct table_seen seen = TABLE_SEEN_INIT;
	char *path = NULL;
	int rc = trained_rows(m->repo, s->v, &path);

	s->seen = -1;
	if (rc == ERR_NOT_FOUND) { /* they are gone: nobody can tell any more */
		error_clear();
		rc = 0;
	}
	if (!rc && path)
		rc = table_seen(m->table, path, m->threads, m->scratch, &seen);
	if (!rc && path && (size_t)seen.rows == m->rows) {
		s->seen = seen.n;
		for (size_t i = 0; i < m->rows; i++)
			m->left[i] |= seen.mask[i];
	}
	table_seen_clear(&seen);
	free(path);
	return rc;
}

/* Models of one data set learned from the same rows. */
static int leave_out_both(struct matched *m)
{
	struct version of[2] = { VERSION_INIT, VERSION_INIT };
	int got[2], rc;

	for (int i = 0; i < 2; i++)
		got[i] = trained_dataset(m->repo, m->side[i].v, &of[i]);
	error_clear();
	rc = leave_out(m, &m->side[0]);
	if (!rc && !got[0] && !got[1] && !strcmp(of[0].id, of[1].id))
		m->side[1].seen = m->side[0].seen;
	else if (!rc)
		rc = leave_out(m, &m->side[1]);
	version_clear(&of[0]);
	version_clear(&of[1]);
	return rc;
}

static int choose_rows(struct matched *m)
{
	const float *labels = m->side[0].scored.labels;
	int rc;

	m->rows = m->side[0].scored.rows;
	if ((rc = mem_alloc(m->rows, 1, &m->left)) || (rc = leave_out_both(m)) ||
	    (rc = mem_alloc(m->rows, sizeof *m->keep, &m->keep)))
		return rc;
	for (size_t i = 0; i < m->rows; i++) {
		bool unlabelled = isnan(labels[i]);

		m->left_out += m->left[i];
		m->unlabelled += unlabelled && !m->left[i];
		if (!m->left[i] && !unlabelled)
			m->keep[m->kept++] = (uint32_t)i;
	}
	if (m->kept)
		return 0;
	rc = error_set(ERR_INPUT,
		       "cannot compare %s with %s on the split '%s' of %s: of its %zu rows %lld "
		       "trained one of them, and %lld have no label",
		       m->side[0].ref, m->side[1].ref, m->part, m->data_ref, m->rows,
		       (long long)m->left_out, (long long)m->unlabelled);
	return error_hint(rc, "compare on a hold-out: --split test, --on DATASET");
}

/* Columns and answers of the rows that are compared; keep is ascending, so columns move in place. */
static int keep_rows(struct matched *m, double threshold)
{
	struct scored *a = &m->side[0].scored;
	int rc = 0;

	for (int i = 0; i < 2 && !rc; i++) {
		struct measure_input in = scored_input(&m->side[i].scored, threshold);

		rc = subset_make(&in, m->keep, m->kept, &m->side[i].kept);
	}
	for (size_t k = 0; k < a->n_by; k++) {
		for (size_t i = 0; i < m->kept; i++)
			a->by[k].code[i] = a->by[k].code[m->keep[i]];
		a->by[k].rows = m->kept;
	}
	return rc;
}

int matched_open(struct repo *r, const struct version *a, const struct version *b,
		 const struct version *data, struct matched *m)
{
	int rc;

	m->repo = r;
	m->threads = m->threads > 0 ? m->threads : deal_cores();
	if ((rc = open_side(m, &m->side[0], a)) || (rc = open_side(m, &m->side[1], b)) ||
	    (rc = check_alike(m)) || (rc = find_data(m, data)))
		return rc;
	return find_table(m);
}

int matched_score(struct matched *m, const char *const *columns, size_t n, int bins,
		  double threshold)
{
	struct scored_ask ask = {
		.part = m->part, .by = columns, .n_by = n, .bins = bins, .threads = m->threads
	};
	int rc;

	if ((rc = score_side(m, 0, &ask)) || (rc = score_side(m, 1, &ask)))
		return rc;
	align_classes(m);
	rc = choose_rows(m);
	return rc ? rc : keep_rows(m, threshold);
}

int matched_close(struct matched *m)
{
	int rc = m->scratch ? file_remove_tree(m->scratch) : 0;

	for (int i = 0; i < 2; i++) {
		free(m->side[i].ref);
		free(m->side[i].group);
		model_free(m->side[i].m);
		scored_clear(&m->side[i].scored);
		subset_clear(&m->side[i].kept);
	}
	version_clear(&m->data);
	free(m->data_ref);
	free(m->table);
	free(m->scratch);
	free(m->left);
	free(m->keep);
	return rc;
}
