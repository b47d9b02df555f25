/* outputs.c - values of JSON to cells, each of the type that its tensor says. */
#include "lib/serve/client/outputs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"

void outputs_clear(struct outputs *o)
{
	for (size_t i = 0; i < o->n; i++) {
		free(o->cells[i]);
		free(o->valid[i]);
	}
	free(o->cells);
	free(o->valid);
	free(o->cols);
	json_decref(o->answer);
	*o = (struct outputs){ 0 };
}

int outputs_type(const char *name, enum frame_type *out)
{
	if (!strncmp(name, "INT", 3) || !strncmp(name, "UINT", 4))
		*out = FRAME_INT;
	else if (!strncmp(name, "FP", 2))
		*out = FRAME_DOUBLE;
	else if (!strcmp(name, "BOOL"))
		*out = FRAME_BOOL;
	else if (!strcmp(name, "BYTES"))
		*out = FRAME_STRING;
	else
		return error_set(ERR_CORRUPT, "the server has a tensor of type '%.40s'", name);
	return 0;
}

static bool fits(const json_t *v, enum frame_type type)
{
	switch (type) {
	case FRAME_BOOL:
		return json_is_boolean(v);
	case FRAME_INT:
		return json_is_integer(v);
	case FRAME_STRING:
		return json_is_string(v);
	default:
		return json_is_number(v);
	}
}

static int read_value(const json_t *v, enum frame_type type, int64_t row, void *cells,
		      uint8_t *valid)
{
	valid[row] = !json_is_null(v);
	if (valid[row] && !fits(v, type))
		return error_set(ERR_CORRUPT,
				 "the server answers row %lld with a value of another type",
				 (long long)row + 1);
	switch (type) {
	case FRAME_BOOL:
		((uint8_t *)cells)[row] = json_is_true(v);
		break;
	case FRAME_INT:
		((int64_t *)cells)[row] = json_integer_value(v);
		break;
	case FRAME_STRING:
		((const char **)cells)[row] = valid[row] ? json_string_value(v) : "";
		break;
	default:
		((double *)cells)[row] = valid[row] ? json_number_value(v) : NAN;
	}
	return 0;
}

static int read_output(struct outputs *o, const json_t *one, size_t i, int64_t rows)
{
	const json_t *data = json_object_get(one, "data");
	const char *type = json_str(one, "datatype", ""), *name = json_str(one, "name", "");
	enum frame_type t;
	int rc = outputs_type(type, &t);

	if (rc)
		return rc;
	if (!*name)
		return error_set(ERR_CORRUPT, "the server answers with an output without a name");
	if (!json_is_array(data) || (int64_t)json_array_size(data) != rows)
		return error_set(ERR_CORRUPT, "the server answers with %zu values for %lld rows",
				 json_array_size(data), (long long)rows);
	o->cells[i] = xcalloc((size_t)rows + 1, sizeof(int64_t));
	o->valid[i] = xcalloc((size_t)rows + 1, 1);
	for (int64_t r = 0; r < rows && !rc; r++)
		rc = read_value(json_array_get(data, (size_t)r), t, r, o->cells[i], o->valid[i]);
	if (!strcmp(type, "FP32"))
		for (int64_t r = 0; r < rows; r++)
			((double *)o->cells[i])[r] = (float)((double *)o->cells[i])[r];
	o->cols[i] = (struct frame_column){
		.name = name, .type = t, .d = o->cells[i], .valid = o->valid[i]
	};
	return rc;
}

int outputs_read(struct outputs *out, const char *text, size_t n, int64_t rows)
{
	const json_t *all, *one;
	size_t i;
	int rc = json_parse(text, n, "the server's answer", &out->answer);

	if (rc)
		return rc;
	all = json_object_get(out->answer, "outputs");
	if (!json_is_array(all) || !json_array_size(all))
		return error_set(ERR_CORRUPT, "the server's answer has no outputs");
	out->n = json_array_size(all);
	out->cols = xcalloc(out->n, sizeof *out->cols);
	out->cells = xcalloc(out->n, sizeof *out->cells);
	out->valid = xcalloc(out->n, sizeof *out->valid);
	json_array_foreach(all, i, one)
		if ((rc = read_output(out, one, i, rows)) < 0)
			return rc;
	return 0;
}
