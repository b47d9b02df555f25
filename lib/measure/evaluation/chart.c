/* chart.c - is it a chart? */
#include "lib/measure/evaluation/chart.h"

#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

enum { MAX_SERIES = 20, MAX_POINTS = 100000 };

static int check_text(const json_t *chart, const char *name)
{
	const json_t *v = json_object_get(chart, name);

	if (!v || json_is_string(v))
		return 0;
	return error_set(ERR_INPUT, "'%s' is no text", name);
}

static int check_type(const json_t *chart)
{
	static const char *const types[] = { "line", "bar", "scatter" };
	const char *type = json_str(chart, "type", "line");
	int rc = check_text(chart, "type");

	for (size_t i = 0; !rc && i < ARRAY_LEN(types); i++)
		if (!strcmp(type, types[i]))
			return 0;
	return rc ? rc : error_set(ERR_INPUT, "'type' is '%.40s', want line, bar or scatter", type);
}

static int check_y(const json_t *y)
{
	const json_t *v;
	size_t i;

	if (!json_is_array(y))
		return error_set(ERR_INPUT, "there is no list 'y' of numbers");
	if (json_array_size(y) > MAX_POINTS)
		return error_set(ERR_INPUT, "'y' has more than %d values", MAX_POINTS);
	json_array_foreach(y, i, v)
		if (!json_is_number(v) && !json_is_null(v))
			return error_set(ERR_INPUT, "value %zu of 'y' is no number", i + 1);
	return 0;
}

static int check_x(const json_t *x, const json_t *y, bool scatter)
{
	bool texts = json_is_string(json_array_get(x, 0));
	const json_t *v;
	size_t i;

	if (!x)
		return 0;
	if (!json_is_array(x))
		return error_set(ERR_INPUT, "'x' is no list");
	if (json_array_size(x) != json_array_size(y))
		return error_set(ERR_INPUT, "'x' has %zu values, 'y' %zu", json_array_size(x),
				 json_array_size(y));
	json_array_foreach(x, i, v)
		if (texts && !scatter ? !json_is_string(v) : !json_is_number(v))
			return error_set(ERR_INPUT, "value %zu of 'x' is no %s", i + 1,
					 texts && !scatter ? "text, as the first one is"
							   : "number");
	return 0;
}

static int check_points(const json_t *points, const json_t *shared_x, bool scatter)
{
	const json_t *y = json_object_get(points, "y"), *x = json_object_get(points, "x");
	int rc = check_y(y);

	return rc ? rc : check_x(x ? x : shared_x, y, scatter);
}

static int check_series(const json_t *series, const json_t *x, bool scatter)
{
	const json_t *one;
	size_t i;
	int rc = 0;

	if (!json_is_array(series) || !json_array_size(series))
		return error_set(ERR_INPUT, "'series' is no list of series");
	if (json_array_size(series) > MAX_SERIES)
		return error_set(ERR_INPUT, "there are more than %d series", MAX_SERIES);
	json_array_foreach(series, i, one) {
		if (!json_is_object(one))
			rc = error_set(ERR_INPUT, "it is no object");
		if (!rc)
			rc = check_text(one, "name");
		if (!rc)
			rc = check_points(one, x, scatter);
		if (rc)
			return error_wrap(rc, "series %zu", i + 1);
	}
	return 0;
}

int chart_check(const json_t *chart)
{
	static const char *const texts[] = { "title", "xlabel", "ylabel" };
	const json_t *series = json_object_get(chart, "series");
	bool scatter = !strcmp(json_str(chart, "type", ""), "scatter");
	int rc = 0;

	if (!json_is_object(chart))
		return error_set(ERR_INPUT, "it is no JSON object");
	for (size_t i = 0; !rc && i < ARRAY_LEN(texts); i++)
		rc = check_text(chart, texts[i]);
	if (!rc)
		rc = check_type(chart);
	if (!rc)
		rc = series ? check_series(series, json_object_get(chart, "x"), scatter)
			    : check_points(chart, NULL, scatter);
	return rc;
}
