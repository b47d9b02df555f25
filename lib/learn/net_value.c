/* net_value.c - numbers, words and lists, as a person types them. */
#include "lib/learn/net_value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"

static void *field(const struct net_row *r, struct net_params *p)
{
	return (char *)p + r->at;
}

void net_value_default(const struct net_row *r, struct net_params *p)
{
	if (r->type == VALUE_WHOLE)
		*(int64_t *)field(r, p) = (int64_t)r->fallback;
	else if (r->type == VALUE_REAL)
		*(double *)field(r, p) = r->fallback;
	else if (r->type == VALUE_CHOICE)
		*(int *)field(r, p) = (int)r->fallback;
}

int net_value_place(const char *choices, const char *text)
{
	size_t n = strlen(text);
	int place = 0;

	for (const char *s = choices; *s; place++) {
		size_t len = strcspn(s, "|");

		if (len == n && !strncmp(s, text, n))
			return place;
		s += len + (s[len] == '|');
	}
	return -1;
}

static int read_choice(const struct net_row *r, const json_t *v, int *out)
{
	const char *text = json_string_value(v);
	int place = text ? net_value_place(r->choices, text) : -1;
	char *want;

	if (place >= 0) {
		*out = place;
		return 0;
	}
	want = net_table_choices(r->choices);
	error_set(ERR_INPUT, "parameter '%s' must be %s%s%s", r->name,
		  r->automatic ? r->automatic : "", r->automatic ? ", " : "", want);
	free(want);
	return ERR_INPUT;
}

static bool number_of(const json_t *v, double *out)
{
	const char *text = json_string_value(v);
	char *end;

	if (json_is_number(v)) {
		*out = json_number_value(v);
		return isfinite(*out);
	}
	if (!text || !*text)
		return false;
	*out = strtod(text, &end);
	return !*end && isfinite(*out);
}

static int read_number(const struct net_row *r, const json_t *v, struct net_params *p)
{
	double x;

	if (!number_of(v, &x) || x < r->min || x > r->max || (r->open && x >= r->max) ||
	    (r->type == VALUE_WHOLE && x != floor(x)))
		return error_set(
			ERR_INPUT, "parameter '%s' must be %s%sa %snumber from %.10g to %s%.10g",
			r->name, r->automatic ? r->automatic : "", r->automatic ? ", or " : "",
			r->type == VALUE_WHOLE ? "whole " : "", r->min, r->open ? "below " : "",
			r->max);
	if (r->type == VALUE_WHOLE)
		*(int64_t *)field(r, p) = (int64_t)x;
	else
		*(double *)field(r, p) = x;
	return 0;
}

/* "128,64", [128, 64] or 128 as numbers; false where one is none. */
static bool read_list(const json_t *v, double **out, size_t *n_out)
{
	struct strlist words = STRLIST_INIT;
	double x = 0, *list = NULL;
	size_t n = 0, i;
	bool ok = true;
	json_t *e;

	if (json_is_number(v))
		list = xmalloc(sizeof *list), list[n++] = json_number_value(v);
	if (json_is_string(v))
		strlist_split(&words, json_string_value(v), ", ");
	json_array_foreach(v, i, e)
		strlist_addf(&words, "%.17g", json_is_number(e) ? json_number_value(e) : NAN);
	for (i = 0; ok && i < words.n; i++) {
		json_t *word = json_string(words.v[i]);

		ok = number_of(word, &x);
		list = xrealloc(list, (n + 1) * sizeof *list);
		list[n++] = x;
		json_decref(word);
	}
	strlist_clear(&words);
	*out = list;
	*n_out = n;
	return ok;
}

static int read_units(const struct net_row *r, const json_t *v, struct net_params *p)
{
	bool none = json_is_string(v) && !strcmp(json_string_value(v), "none"), ok;
	double *list = NULL;
	size_t n = 0;

	ok = none || (read_list(v, &list, &n) && n && n <= NET_HIDDEN_MAX);
	for (size_t i = 0; i < n && ok; i++)
		ok = list[i] >= 1 && list[i] <= NET_UNITS_MAX && list[i] == floor(list[i]);
	if (ok) {
		free(p->hidden);
		p->hidden = xcalloc(n + 1, sizeof *p->hidden);
		p->n_hidden = n;
		for (size_t i = 0; i < n; i++)
			p->hidden[i] = (int64_t)list[i];
	}
	free(list);
	return ok ? 0
		  : error_set(
			    ERR_INPUT,
			    "parameter '%s' must be none, or 1 to %d numbers of units from 1 to %d, "
			    "such as 128,64",
			    r->name, NET_HIDDEN_MAX, NET_UNITS_MAX);
}

static int read_classes(const struct net_row *r, const json_t *v, struct net_params *p)
{
	const char *word = json_is_string(v) ? json_string_value(v) : "";
	double *list = NULL;
	size_t n = 0;
	bool ok;

	free(p->class_weights);
	p->class_weights = NULL;
	p->n_class_weights = 0;
	p->balanced = !strcmp(word, "balanced");
	if (p->balanced || !strcmp(word, "none"))
		return 0;
	ok = read_list(v, &list, &n) && n > 1;
	for (size_t i = 0; i < n && ok; i++)
		ok = list[i] >= 0 && list[i] <= 1e9;
	if (!ok) {
		free(list);
		return error_set(
			ERR_INPUT,
			"parameter '%s' must be none, balanced, or a weight for each class, "
			"such as 1,5",
			r->name);
	}
	p->class_weights = list;
	p->n_class_weights = n;
	return 0;
}

int net_value_read(const struct net_row *r, const json_t *v, struct net_params *p)
{
	if (r->automatic && json_is_string(v) && !strcmp(json_string_value(v), r->automatic))
		return 0;
	switch (r->type) {
	case VALUE_CHOICE:
		return read_choice(r, v, field(r, p));
	case VALUE_UNITS:
		return read_units(r, v, p);
	case VALUE_CLASSES:
		return read_classes(r, v, p);
	default:
		return read_number(r, v, p);
	}
}

json_t *net_value_json(const struct net_row *r, const struct net_params *p)
{
	const void *at = (const char *)p + r->at;
	json_t *list = json_array();

	for (size_t i = 0; r->type == VALUE_UNITS && i < p->n_hidden; i++)
		json_array_append_new(list, json_integer(p->hidden[i]));
	for (size_t i = 0; r->type == VALUE_CLASSES && i < p->n_class_weights; i++)
		json_array_append_new(list, json_real(p->class_weights[i]));
	if (r->type == VALUE_UNITS || (r->type == VALUE_CLASSES && !p->balanced))
		return list;
	json_decref(list);
	if (r->type == VALUE_CLASSES)
		return json_string("balanced");
	if (r->type == VALUE_WHOLE)
		return json_integer(*(const int64_t *)at);
	return r->type == VALUE_REAL ? json_real(*(const double *)at)
				     : json_integer(*(const int *)at);
}
