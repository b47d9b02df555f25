/* follow.c - from what a stage holds to what a server answers with. */
#define _GNU_SOURCE
#include "lib/host/follow.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/make/release/served_model.h"
#include "lib/model/model.h"
#include "lib/serve/fleet.h"
#include "lib/serve/meter.h"

enum {
	RETRY_MS = 10000,
	LOADERS = 16, /* threads that read models at the start */
	AT_ONCE = 64, /* models whose files lie ready at a time */
};

struct followed {
	struct served_name name;
	struct served_stamp seen;      /* when it was last resolved */
	char move[VERSION_ID_HEX + 1]; /* what is served */
	char *shown;		       /* "maps/eta@2.1", for people */
	bool failed;
	int64_t retry_us;
};

struct follow {
	struct repo *r;
	struct fleet *fleet;
	int shards;
	struct followed *v;
	size_t n, cap;
	follow_fn say;
	void *payload;
};

struct follow *follow_new(struct repo *r, struct fleet *f, int shards, follow_fn say, void *payload)
{
	struct follow *w = xcalloc(1, sizeof *w);

	*w = (struct follow){
		.r = r, .fleet = f, .shards = shards, .say = say, .payload = payload
	};
	return w;
}

void follow_free(struct follow *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n; i++) {
		served_name_clear(&w->v[i].name);
		free(w->v[i].shown);
	}
	free(w->v);
	free(w);
}

int follow_add(struct follow *w, const char *text)
{
	struct followed *one;
	int rc;

	ARRAY_GROW(w->v, w->n, w->cap);
	one = &w->v[w->n];
	*one = (struct followed){ .failed = false };
	rc = served_name_parse(w->r, text, &one->name);
	for (size_t i = 0; i < w->n && !rc; i++)
		if (!strcmp(w->v[i].name.name, one->name.name)) {
			rc = error_set(ERR_EXISTS, "'%s' and '%s' are both served as '%s'",
				       w->v[i].name.text, one->name.text, one->name.name);
			error_hint(rc, "give one of them another name: %s2=%s", one->name.name,
				   one->name.text);
			served_name_clear(&one->name);
		}
	if (!rc)
		w->n++;
	return rc;
}

static char *copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

/* Into the fleet; takes the model. */
static void put(struct follow *w, struct followed *one, const struct served_meaning *m,
		struct model *model)
{
	struct served *s = xcalloc(1, sizeof *s);

	*s = (struct served){ .name = xstrdup(one->name.name),
			      .version = xstrdup(m->number),
			      .ref = xstrdup(m->ref),
			      .id = xstrdup(m->version.id),
			      .release = copy(m->release),
			      .stage = copy(one->name.stage),
			      .since_ms = clock_now_ms(),
			      .model = model };
	s->meter = fleet_meter(w->fleet, s->name, s->version, s->id);
	if (!s->meter)
		s->meter = meter_new(w->shards, model_contract(model));
	fleet_put(w->fleet, s);
	memcpy(one->move, m->move, sizeof one->move);
}

static void say_switch(struct follow *w, struct followed *one, const struct served_meaning *m,
		       int64_t took_us)
{
	char *shown = xstrdup(m->release ? m->release : m->ref), *line;
	long long ms = (took_us + 999) / 1000;

	if (one->shown)
		line = xasprintf("%s: %s (%s) answers in place of %s, loaded in %lld ms",
				 one->name.name, shown, m->ref, one->shown, ms);
	else
		line = xasprintf("%s: %s%s%s%s, loaded in %lld ms", one->name.name, shown,
				 m->release ? " (" : "", m->release ? m->ref : "",
				 m->release ? ")" : "", ms);
	w->say(line, w->payload);
	free(line);
	free(one->shown);
	one->shown = shown;
}

/* Resolve and, where it is another than is served, load. */
static int bring(struct follow *w, struct followed *one)
{
	struct served_meaning m;
	struct model *model = NULL;
	int64_t begun = clock_mono_us();
	int rc = served_name_now(w->r, &one->name, &m);

	if (rc)
		return rc;
	if (!one->shown || strcmp(one->move, m.move)) {
		rc = served_name_open(w->r, &one->name, &m.version, &model);
		if (!rc) {
			put(w, one, &m, model);
			say_switch(w, one, &m, clock_mono_us() - begun);
		}
	}
	served_meaning_clear(&m);
	return rc;
}

/* One of many that are loaded at the start. */
struct loading {
	struct served_meaning m;
	struct served_files files;
	struct model *model;
	int64_t took_us;
	int rc;
	char *why, *hint; /* of the thread that read it */
};

/* Some of them, dealt out to threads. */
struct batch {
	struct loading *v;
	size_t n;
	_Atomic size_t next;
};

static void *read_some(void *payload)
{
	struct batch *b = payload;
	size_t i;

	while ((i = atomic_fetch_add(&b->next, 1)) < b->n) {
		struct loading *l = &b->v[i];
		int64_t begun = clock_mono_us();

		l->rc = served_model_read(&l->files, &l->model);
		l->took_us = clock_mono_us() - begun;
		if (l->rc) {
			l->why = xstrdup(error_text());
			l->hint = xstrdup(error_hint_text());
		}
	}
	return NULL;
}

/* Reading is most of the work, and the record is no part of it: every core may. */
static void read_all(struct batch *b)
{
	pthread_t ids[LOADERS];
	cpu_set_t set;
	size_t n = sched_getaffinity(0, sizeof set, &set) ? 1 : (size_t)CPU_COUNT(&set), begun = 0;

	n = n < LOADERS ? n : LOADERS;
	n = n < b->n ? n : b->n;
	while (begun + 1 < n && !pthread_create(&ids[begun], NULL, read_some, b))
		begun++;
	read_some(b);
	while (begun)
		pthread_join(ids[--begun], NULL);
}

static int finish(struct follow *w, struct followed *one, struct loading *l)
{
	if (l->rc) {
		error_set(l->rc, "%s", l->why);
		return *l->hint ? error_hint(l->rc, "%s", l->hint) : l->rc;
	}
	put(w, one, &l->m, l->model);
	l->model = NULL;
	say_switch(w, one, &l->m, l->took_us);
	return 0;
}

static int loading_clear(struct loading *l)
{
	served_meaning_clear(&l->m);
	model_free(l->model);
	free(l->why);
	free(l->hint);
	return served_files_clear(&l->files);
}

static int load_some(struct follow *w, struct followed *of, size_t n)
{
	struct loading *v = xcalloc(n, sizeof *v);
	struct batch b = { .v = v };
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++) {
		served_name_stamp(w->r, &of[i].name, &of[i].seen);
		rc = served_name_now(w->r, &of[i].name, &v[i].m);
		if (!rc)
			rc = served_name_place(w->r, &of[i].name, &v[i].m.version, &v[i].files);
		b.n += !rc;
	}
	if (!rc)
		read_all(&b);
	for (size_t i = 0; i < b.n && !rc; i++)
		rc = finish(w, &of[i], &v[i]);
	for (size_t i = 0; i < n; i++) {
		int removed = loading_clear(&v[i]);

		rc = rc ? rc : removed;
	}
	free(v);
	return rc;
}

int follow_load(struct follow *w)
{
	int rc = 0;

	for (size_t i = 0; i < w->n && !rc; i += AT_ONCE)
		rc = load_some(w, w->v + i, w->n - i < AT_ONCE ? w->n - i : AT_ONCE);
	return rc;
}

static void say_trouble(struct follow *w, struct followed *one)
{
	char *line = xasprintf("%s: %s goes on, what %s/%s@%s holds cannot be served: %s",
			       one->name.name, one->shown, one->name.space, one->name.released,
			       one->name.stage, error_text());

	w->say(line, w->payload);
	free(line);
}

static void look_at(struct follow *w, struct followed *one)
{
	struct served_stamp now;
	bool moved;

	served_name_stamp(w->r, &one->name, &now);
	moved = memcmp(&now, &one->seen, sizeof now) != 0;
	if (!moved && !(one->failed && clock_mono_us() >= one->retry_us))
		return;
	one->seen = now;
	if (!bring(w, one)) {
		if (one->failed) /* it holds what is served again */
			fleet_set_trouble(w->fleet, one->name.name, NULL);
		one->failed = false;
		return;
	}
	if (moved || !one->failed) {
		say_trouble(w, one);
		fleet_set_trouble(w->fleet, one->name.name, error_text());
	}
	one->failed = true;
	one->retry_us = clock_mono_us() + RETRY_MS * 1000LL;
	error_clear();
}

void follow_look(struct follow *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].name.stage)
			look_at(w, &w->v[i]);
}
