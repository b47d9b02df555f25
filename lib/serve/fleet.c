/* fleet.c - a table of models that is replaced whole: readers keep the one they saw last. */
#include "lib/serve/fleet.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/model/model.h"
#include "lib/serve/card.h"

/* A served model and who holds it: tables, one reference each. */
struct held {
	struct served *s;
	size_t refs; /* under the fleet's lock */
};

/* What the fleet held at one time; never changed. Holders: the fleet and views. */
struct table {
	size_t refs; /* under the fleet's lock */
	size_t n;
	struct held *v[]; /* (n) sorted by name */
};

struct note {
	char *name, *why; /* why NULL: it was put since */
	int64_t failures;
};

struct past {
	char *name, *version, *id;
	struct meter *meter;
};

struct fleet {
	pthread_mutex_t lock;
	_Atomic uint64_t generation; /* of table */
	_Atomic bool ready;
	struct table *table;
	struct past *past;
	size_t n_past, cap_past;
	struct note *notes;
	size_t n_notes, cap_notes;
	void (*meter_free)(struct meter *);
};

struct fleet_view {
	struct fleet *f;
	struct table *table;
	uint64_t generation;
};

/* All but the meter. */
static void served_free(struct served *s)
{
	if (!s)
		return;
	free(s->name);
	free(s->version);
	free(s->ref);
	free(s->id);
	free(s->release);
	free(s->stage);
	card_free(s->card);
	model_free(s->model);
	free(s);
}

static struct table *table_new(size_t n)
{
	struct table *t = xcalloc(1, sizeof *t + n * sizeof(struct held *));

	t->refs = 1;
	t->n = n;
	return t;
}

/* Under the lock: let go of a table. What nobody holds any more is freed. */
static void table_drop(struct table *t)
{
	if (--t->refs)
		return;
	for (size_t i = 0; i < t->n; i++)
		if (!--t->v[i]->refs) {
			served_free(t->v[i]->s);
			free(t->v[i]);
		}
	free(t);
}

/* As strcmp, of a name that ends at n. */
static int name_compare(const char *name, size_t n, const char *other)
{
	size_t m = strlen(other);
	int c = memcmp(name, other, n < m ? n : m);

	return c ? c : n < m ? -1 : n > m;
}

/* Where name stands, or would. */
static size_t table_place(const struct table *t, const char *name, size_t n, bool *found)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = name_compare(name, n, t->v[mid]->s->name);

		if (!c) {
			*found = true;
			return mid;
		}
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	*found = false;
	return low;
}

struct fleet *fleet_new(void (*meter_free)(struct meter *))
{
	struct fleet *f = xcalloc(1, sizeof *f);

	pthread_mutex_init(&f->lock, NULL);
	f->table = table_new(0);
	f->meter_free = meter_free;
	return f;
}

void fleet_free(struct fleet *f)
{
	if (!f)
		return;
	table_drop(f->table);
	for (size_t i = 0; i < f->n_past; i++) {
		if (f->meter_free)
			f->meter_free(f->past[i].meter);
		free(f->past[i].name);
		free(f->past[i].version);
		free(f->past[i].id);
	}
	for (size_t i = 0; i < f->n_notes; i++) {
		free(f->notes[i].name);
		free(f->notes[i].why);
	}
	free(f->past);
	free(f->notes);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

/* Under the lock: t is what the fleet holds from now on. */
static void table_set(struct fleet *f, struct table *t)
{
	struct table *old = f->table;

	for (size_t i = 0; i < t->n; i++)
		t->v[i]->refs++;
	f->table = t;
	atomic_fetch_add_explicit(&f->generation, 1, memory_order_release);
	table_drop(old);
}

static struct note *note_of(struct fleet *f, const char *name, bool make)
{
	for (size_t i = 0; i < f->n_notes; i++)
		if (!strcmp(f->notes[i].name, name))
			return &f->notes[i];
	if (!make)
		return NULL;
	ARRAY_GROW(f->notes, f->n_notes, f->cap_notes);
	f->notes[f->n_notes] = (struct note){ .name = xstrdup(name) };
	return &f->notes[f->n_notes++];
}

static void note_set(struct note *n, const char *why)
{
	free(n->why);
	n->why = why ? xstrdup(why) : NULL;
	n->failures += why != NULL;
}

static struct past *past_of(struct fleet *f, const char *name, const char *version, const char *id)
{
	for (size_t i = 0; i < f->n_past; i++)
		if (!strcmp(f->past[i].name, name) && !strcmp(f->past[i].version, version) &&
		    !strcmp(f->past[i].id, id))
			return &f->past[i];
	return NULL;
}

static void past_add(struct fleet *f, const struct served *s)
{
	if (!s->meter || past_of(f, s->name, s->version, s->id))
		return;
	ARRAY_GROW(f->past, f->n_past, f->cap_past);
	f->past[f->n_past++] = (struct past){ .name = xstrdup(s->name),
					      .version = xstrdup(s->version),
					      .id = xstrdup(s->id),
					      .meter = s->meter };
}

void fleet_put(struct fleet *f, struct served *s)
{
	struct held *h = xcalloc(1, sizeof *h);
	struct table *t, *old;
	struct note *note;
	bool found;
	size_t at;

	h->s = s;
	if (s->model)
		s->card = card_new(s->name, s->version, s->id, s->model);
	pthread_mutex_lock(&f->lock);
	old = f->table;
	at = table_place(old, s->name, strlen(s->name), &found);
	t = table_new(old->n + !found);
	memcpy(t->v, old->v, at * sizeof *t->v);
	t->v[at] = h;
	memcpy(t->v + at + 1, old->v + at + found, (old->n - at - found) * sizeof *t->v);
	past_add(f, s);
	note = note_of(f, s->name, false);
	if (note)
		note_set(note, NULL);
	table_set(f, t);
	pthread_mutex_unlock(&f->lock);
}

int fleet_remove(struct fleet *f, const char *name)
{
	struct table *t, *old;
	bool found;
	size_t at;

	pthread_mutex_lock(&f->lock);
	old = f->table;
	at = table_place(old, name, strlen(name), &found);
	if (found) {
		t = table_new(old->n - 1);
		memcpy(t->v, old->v, at * sizeof *t->v);
		memcpy(t->v + at, old->v + at + 1, (t->n - at) * sizeof *t->v);
		table_set(f, t);
	}
	pthread_mutex_unlock(&f->lock);
	return found ? 0 : error_set(ERR_NOT_FOUND, "no model '%s' is served", name);
}

struct meter *fleet_meter(struct fleet *f, const char *name, const char *version, const char *id)
{
	struct past *p;
	struct meter *m;

	pthread_mutex_lock(&f->lock);
	p = past_of(f, name, version, id);
	m = p ? p->meter : NULL;
	pthread_mutex_unlock(&f->lock);
	return m;
}

static bool is_serving(const struct fleet *f, const struct past *p)
{
	bool found;
	size_t at = table_place(f->table, p->name, strlen(p->name), &found);

	return found && f->table->v[at]->s->meter == p->meter;
}

int fleet_each_meter(struct fleet *f, int (*fn)(const struct fleet_meter *, void *), void *payload)
{
	int rc = 0;

	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < f->n_past && !rc; i++) {
		const struct past *p = &f->past[i];
		struct fleet_meter m = { p->name, p->version, p->id, p->meter, is_serving(f, p) };

		rc = fn(&m, payload);
	}
	pthread_mutex_unlock(&f->lock);
	return rc;
}

void fleet_set_trouble(struct fleet *f, const char *name, const char *why)
{
	pthread_mutex_lock(&f->lock);
	note_set(note_of(f, name, true), why);
	pthread_mutex_unlock(&f->lock);
}

bool fleet_trouble(struct fleet *f, const char *name, char **text_out)
{
	const struct note *n;

	pthread_mutex_lock(&f->lock);
	n = note_of(f, name, false);
	*text_out = n && n->why ? xstrdup(n->why) : NULL;
	pthread_mutex_unlock(&f->lock);
	return *text_out != NULL;
}

int64_t fleet_failures(struct fleet *f, const char *name)
{
	const struct note *n;
	int64_t failures;

	pthread_mutex_lock(&f->lock);
	n = note_of(f, name, false);
	failures = n ? n->failures : 0;
	pthread_mutex_unlock(&f->lock);
	return failures;
}

void fleet_set_ready(struct fleet *f, bool ready)
{
	atomic_store_explicit(&f->ready, ready, memory_order_release);
}

bool fleet_ready(const struct fleet *f)
{
	return atomic_load_explicit(&f->ready, memory_order_acquire);
}

static void view_take(struct fleet_view *v)
{
	struct fleet *f = v->f;

	pthread_mutex_lock(&f->lock);
	if (v->table)
		table_drop(v->table);
	v->table = f->table;
	v->table->refs++;
	v->generation = atomic_load_explicit(&f->generation, memory_order_relaxed);
	pthread_mutex_unlock(&f->lock);
}

struct fleet_view *fleet_view_new(struct fleet *f)
{
	struct fleet_view *v = xcalloc(1, sizeof *v);

	v->f = f;
	view_take(v);
	return v;
}

void fleet_view_free(struct fleet_view *v)
{
	if (!v)
		return;
	pthread_mutex_lock(&v->f->lock);
	table_drop(v->table);
	pthread_mutex_unlock(&v->f->lock);
	free(v);
}

void fleet_view_sync(struct fleet_view *v)
{
	if (atomic_load_explicit(&v->f->generation, memory_order_acquire) != v->generation)
		view_take(v);
}

const struct served *fleet_find(const struct fleet_view *v, const char *name, size_t name_n,
				const char *version, size_t version_n)
{
	const struct served *s;
	bool found;
	size_t at = table_place(v->table, name, name_n, &found);

	if (!found)
		return NULL;
	s = v->table->v[at]->s;
	return !version_n || !name_compare(version, version_n, s->version) ? s : NULL;
}

size_t fleet_count(const struct fleet_view *v)
{
	return v->table->n;
}

const struct served *fleet_at(const struct fleet_view *v, size_t i)
{
	return v->table->v[i]->s;
}
