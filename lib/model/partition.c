/* partition.c - the list of a partitioned model's models, held to its contract. */
#include "lib/model/partition.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

static int bad(const char *what)
{
	return error_set(ERR_CORRUPT, "cannot read the model's partitions: %s", what);
}

/* The columns, and of each the input that holds its code. */
static int read_by(const json_t *v, const struct contract *c,
		   const struct contract_column *cols[PARTITION_BY_MAX],
		   struct partition_index *out)
{
	size_t i;
	json_t *e;

	if (!json_array_size(v) || json_array_size(v) > PARTITION_BY_MAX)
		return bad("'by' names no column, or too many");
	json_array_foreach((json_t *)v, i, e) {
		const struct contract_column *col =
			json_is_string(e) ? contract_find(c, json_string_value(e)) : NULL;

		if (!col || !contract_coded(col))
			return bad("'by' names what is no column of categories");
		for (size_t k = 0; k < i; k++)
			if (cols[k] == col)
				return bad("'by' names a column twice");
		cols[i] = col;
		out->by[i] = col->input;
	}
	out->n_by = json_array_size(v);
	return 0;
}

static int read_key(const json_t *values, const struct contract_column *const *cols, size_t n,
		    uint64_t *out)
{
	float codes[PARTITION_BY_MAX];

	if (json_array_size(values) != n)
		return bad("a model has not a value of each column");
	for (size_t i = 0; i < n; i++) {
		const char *text = json_string_value(json_array_get(values, i));
		int64_t code = text ? dict_find(&cols[i]->categories, text) : -1;

		if (code < 0)
			return bad("a model is for a value that its contract does not know");
		codes[i] = (float)code;
	}
	*out = partition_key(codes, n);
	return *out == PARTITION_NONE ? bad("a value has no code") : 0;
}

static int read_model(const json_t *v, const struct contract_column *const *cols,
		      uint64_t file_bytes, struct partition_index *out)
{
	int64_t at = json_int(v, "at", -1), bytes = json_int(v, "bytes", -1);
	size_t n = out->keys.n;
	uint64_t end = n ? out->models[n - 1].at + out->models[n - 1].bytes : 0;
	uint64_t key;
	int rc = read_key(json_object_get(v, "values"), cols, out->n_by, &key);

	if (rc)
		return rc;
	if (at < 0 || bytes <= 0 || (uint64_t)at < end)
		return bad("the weights of two models overlap");
	if ((uint64_t)at > file_bytes || (uint64_t)bytes > file_bytes - (uint64_t)at)
		return bad("the weights of a model lie beyond the file's end");
	if (keymap_add(&out->keys, key) != n)
		return bad("two models are for the same values");
	out->models[n] = (struct partition_model){ (uint64_t)at, (uint64_t)bytes };
	return 0;
}

int partition_index_parse(const json_t *v, const struct contract *c, uint64_t file_bytes,
			  struct partition_index *out)
{
	const json_t *models = json_object_get(v, "models");
	const struct contract_column *cols[PARTITION_BY_MAX];
	int64_t inputs = json_int(v, "inputs", -1);
	int rc;
	size_t i;
	json_t *e;

	*out = (struct partition_index){ 0 };
	rc = read_by(json_object_get(v, "by"), c, cols, out);
	if (!rc && (inputs < 1 || (uint64_t)inputs > c->inputs))
		rc = bad("'inputs' is not a number of the contract's inputs");
	if (!rc && !json_is_array(models))
		rc = bad("'models' is no list");
	if (!rc)
		out->models = xcalloc(json_array_size(models) + 1, sizeof *out->models);
	out->inputs = rc ? 0 : (size_t)inputs;
	json_array_foreach((json_t *)models, i, e)
		if (!rc)
			rc = read_model(e, cols, file_bytes, out);
	if (rc)
		partition_index_clear(out);
	return rc;
}

void partition_index_clear(struct partition_index *p)
{
	free(p->models);
	keymap_clear(&p->keys);
	*p = (struct partition_index){ 0 };
}
