/* card.c - texts and look-ups of one served model. */
#define _GNU_SOURCE /* qsort_r */
#include "lib/serve/card.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/base/utf8.h"

/* As the Open Inference Protocol names it: what a column is announced as, and outputs are given as. */
static const char *type_name(enum frame_type type, bool is_float)
{
	switch (type) {
	case FRAME_BOOL:
		return "BOOL";
	case FRAME_INT:
		return "INT64";
	case FRAME_DOUBLE:
		return is_float ? "FP32" : "FP64";
	default:
		return "BYTES"; /* text; times in ISO 8601 */
	}
}

/* As strcmp, of a name that ends at n. */
static int compare(const char *name, size_t n, const char *other)
{
	size_t m = strlen(other);
	int c = memcmp(name, other, n < m ? n : m);

	return c ? c : n < m ? -1 : n > m;
}

static bool is_column(const struct card *c, size_t i, const char *name, size_t n)
{
	return i < c->contract->n && !compare(name, n, c->contract->cols[i].name);
}

int64_t card_column(const struct card *c, size_t guess, const char *name, size_t n)
{
	size_t low = 0, high = c->contract->n;

	if (is_column(c, guess, name, n))
		return (int64_t)guess;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = compare(name, n, c->contract->cols[c->sorted[mid]].name);

		if (!order)
			return c->sorted[mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return -1;
}

int64_t card_output(const struct card *c, const char *name, size_t n)
{
	for (size_t i = 0; i < c->n_outputs; i++)
		if (!compare(name, n, c->outputs[i].name))
			return (int64_t)i;
	return -1;
}

static int by_name(const void *a, const void *b, void *payload)
{
	const struct contract *c = payload;

	return strcmp(c->cols[*(const uint32_t *)a].name, c->cols[*(const uint32_t *)b].name);
}

static char *canonical(json_t *taken)
{
	struct buf b = BUF_INIT;

	json_canonical(taken, &b);
	json_decref(taken);
	return buf_take(&b);
}

/* Bytes that are no text are shown as question marks. */
static json_t *text_json(const char *s)
{
	json_t *v = json_string(s);

	if (!v) {
		char *copy = xstrdup(s);

		utf8_clean(copy);
		v = json_string(copy);
		free(copy);
	}
	return v;
}

static char *quoted(const char *s)
{
	json_t *v = text_json(s);
	char *text = json_dumps(v, JSON_ENCODE_ANY);

	json_decref(v);
	return text;
}

static json_t *tensor(const char *name, const char *type)
{
	return json_pack("{s:o,s:s,s:[i]}", "name", text_json(name), "datatype", type, "shape", -1);
}

static const char *output_type(const struct card *c, size_t i)
{
	return type_name(c->outputs[i].type, i >= c->floats);
}

static char *metadata(const struct card *c, const char *name, const char *version)
{
	json_t *in = json_array(), *out = json_array();

	for (size_t i = 0; i < c->contract->n; i++) {
		const struct contract_column *col = &c->contract->cols[i];

		json_array_append_new(in, tensor(col->name, type_name(col->type, false)));
	}
	for (size_t i = 0; i < c->n_outputs; i++)
		json_array_append_new(out, tensor(c->outputs[i].name, output_type(c, i)));
	return canonical(json_pack("{s:s,s:[s],s:s,s:o,s:o}", "name", name, "versions", version,
				   "platform", "mich", "inputs", in, "outputs", out));
}

static json_t *config_tensor(const char *name, const char *type)
{
	char *data_type = xasprintf("TYPE_%s", !strcmp(type, "BYTES") ? "STRING" : type);
	json_t *v = json_pack("{s:o,s:s,s:[i]}", "name", text_json(name), "data_type", data_type,
			      "dims", -1);

	free(data_type);
	return v;
}

/* What Triton calls a model's configuration; perf_analyzer asks for it. */
static char *config(const struct card *c, const char *name)
{
	json_t *in = json_array(), *out = json_array();

	for (size_t i = 0; i < c->contract->n; i++) {
		const struct contract_column *col = &c->contract->cols[i];

		json_array_append_new(in, config_tensor(col->name, type_name(col->type, false)));
	}
	for (size_t i = 0; i < c->n_outputs; i++)
		json_array_append_new(out, config_tensor(c->outputs[i].name, output_type(c, i)));
	return canonical(json_pack("{s:s,s:s,s:s,s:i,s:o,s:o}", "name", name, "platform", "mich",
				   "backend", "mich", "max_batch_size", 0, "input", in, "output",
				   out));
}

static void columns_sort(struct card *c)
{
	c->sorted = xcalloc(c->contract->n + 1, sizeof *c->sorted);
	for (size_t i = 0; i < c->contract->n; i++)
		c->sorted[i] = (uint32_t)i;
	qsort_r(c->sorted, c->contract->n, sizeof *c->sorted, by_name, (void *)c->contract);
}

struct card *card_new(const char *name, const char *version, const char *id, const struct model *m)
{
	struct card *c = xcalloc(1, sizeof *c);
	char *text;

	c->contract = model_contract(m);
	c->outputs = model_outputs(m, &c->n_outputs);
	c->floats = model_floats(m);
	columns_sort(c);
	c->name = quoted(name);
	c->version = quoted(version);
	c->title = xasprintf("%s@%s", name, version);
	c->head = xasprintf("{\"model_name\":%s,\"model_version\":%s", c->name, c->version);
	text = quoted(id);
	c->id = xasprintf("\"parameters\":{\"id\":%s}", text);
	free(text);
	c->output_heads = xcalloc(c->n_outputs + 1, sizeof *c->output_heads);
	for (size_t i = 0; i < c->n_outputs; i++) {
		text = quoted(c->outputs[i].name);
		c->output_heads[i] =
			xasprintf("{\"name\":%s,\"datatype\":\"%s\"", text, output_type(c, i));
		free(text);
	}
	c->metadata = metadata(c, name, version);
	c->config = config(c, name);
	return c;
}

void card_free(struct card *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_outputs; i++)
		free(c->output_heads[i]);
	free(c->output_heads);
	free(c->sorted);
	free(c->name);
	free(c->version);
	free(c->title);
	free(c->head);
	free(c->id);
	free(c->metadata);
	free(c->config);
	free(c);
}
