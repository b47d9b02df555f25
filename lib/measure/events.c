/* events.c - lines of figures into series. */
#include "lib/measure/events.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/measure/metric/metrics.h"

enum { MAX_SERIES = 1000, MAX_LINE = 1 << 20, MAX_PROBLEMS = 10, MAX_DEPTH = 4, MAX_NAME = 200 };

/* Lines mostly name the same series in the same order, so looking on from the last one is a hit. */
static struct events_series *find(struct events *e, const char *name)
{
	for (size_t i = 0; i < e->n; i++) {
		size_t at = (e->next + i) % e->n;

		if (!strcmp(e->series[at].name, name)) {
			e->next = at + 1;
			return &e->series[at];
		}
	}
	if (e->n >= MAX_SERIES)
		return NULL;
	ARRAY_GROW(e->series, e->n, e->cap);
	e->series[e->n] = (struct events_series){ .name = xstrdup(name) };
	return &e->series[e->n++];
}

static void add_value(struct events *e, const char *name, int64_t step, double v)
{
	struct events_series *s = find(e, name);

	if (!s)
		return;
	if (!s->count || (measure_higher_is_better(name) ? v > s->best : v < s->best)) {
		s->best = v;
		s->best_step = step;
	}
	s->last = v;
	s->last_step = step;
	s->count++;
}

static void add_object(struct events *e, const json_t *v, const char *prefix, int64_t step,
		       int depth)
{
	const char *key;
	json_t *member;

	json_object_foreach((json_t *)v, key, member) {
		char *name;

		if (!*prefix && !strcmp(key, "step"))
			continue;
		if (strlen(prefix) + strlen(key) > MAX_NAME)
			continue;
		name = xasprintf("%s%s%s", prefix, *prefix ? "." : "", key);
		if (json_is_number(member))
			add_value(e, name, step, json_number_value(member));
		else if (json_is_object(member) && depth < MAX_DEPTH)
			add_object(e, member, name, step, depth + 1);
		free(name);
	}
}

static void add_problem(struct events *e, int64_t line, const char *why)
{
	e->bad++;
	if (e->problems.n < MAX_PROBLEMS)
		strlist_addf(&e->problems, "line %lld: %s", (long long)line, why);
}

static int64_t step_of(const json_t *v, const struct events *e)
{
	const json_t *step = json_object_get(v, "step");
	double d = json_number_value(step);

	if (json_is_integer(step))
		return json_integer_value(step);
	if (json_is_real(step) && fabs(d) < 9e15)
		return (int64_t)d;
	return e->lines;
}

static void add_line(struct events *e, const char *data, size_t n, int64_t line)
{
	json_error_t why;
	json_t *v;

	while (n && isspace((unsigned char)data[n - 1]))
		n--;
	if (!n)
		return;
	e->lines++;
	if (n > MAX_LINE) {
		add_problem(e, line, "it is longer than 1 MiB");
		return;
	}
	v = json_loadb(data, n, JSON_DECODE_ANY, &why);
	if (!v)
		add_problem(e, line, why.text);
	else if (!json_is_object(v))
		add_problem(e, line, "it is no JSON object");
	else {
		e->last_step = step_of(v, e);
		add_object(e, v, "", e->last_step, 0);
	}
	json_decref(v);
}

void events_parse(const char *data, size_t n, struct events *out)
{
	const char *end = n ? data + n : data;
	int64_t line = 0;

	*out = (struct events)EVENTS_INIT;
	while (n && data < end) {
		const char *nl = memchr(data, '\n', (size_t)(end - data)), *stop = nl ? nl : end;

		add_line(out, data, (size_t)(stop - data), ++line);
		data = nl ? nl + 1 : end;
	}
}

void events_clear(struct events *e)
{
	for (size_t i = 0; i < e->n; i++)
		free(e->series[i].name);
	free(e->series);
	strlist_clear(&e->problems);
	*e = (struct events)EVENTS_INIT;
}

json_t *events_json(const struct events *e)
{
	json_t *all = json_object();

	for (size_t i = 0; i < e->n; i++) {
		const struct events_series *s = &e->series[i];
		json_t *v = json_object();

		if (!strcmp(s->name, "time_s")) {
			json_decref(v);
			continue;
		}
		json_object_set_new(v, "last", json_number(s->last));
		json_object_set_new(v, "last_step", json_integer(s->last_step));
		json_object_set_new(v, "best", json_number(s->best));
		json_object_set_new(v, "best_step", json_integer(s->best_step));
		json_object_set_new(v, "values", json_integer(s->count));
		json_object_set_new(all, s->name, v);
	}
	return all;
}
