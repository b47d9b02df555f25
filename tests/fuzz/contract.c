/* contract.c - any bytes as a contract; what is read is written and read again to the same bytes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/json.h"
#include "lib/model/transform.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void put(const struct contract *c, struct buf *out)
{
	json_t *v = contract_json(c);

	json_canonical(v, out);
	json_decref(v);
}

/* A row in which every column is text. */
static void apply(const struct contract *c)
{
	static const char *const cells[] = { "12", NULL };
	struct frame_column *cols = calloc(c->n + 1, sizeof(*cols));
	float *x = calloc(2 * c->inputs + 1, sizeof(*x));
	struct frame f = { 2, c->n, cols };
	struct counts counts = COUNTS_INIT;

	for (size_t i = 0; i < c->n; i++)
		cols[i] = (struct frame_column){ .name = c->cols[i].name,
						 .type = FRAME_STRING,
						 .s = cells };
	counts_init(&counts, c->n);
	transform_apply(c, &f, x, &counts);
	counts_clear(&counts);
	free(cols);
	free(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct contract a = CONTRACT_INIT, b = CONTRACT_INIT;
	struct buf x = BUF_INIT, y = BUF_INIT;

	if (contract_parse_text((const char *)data, n, &a) == 0) {
		put(&a, &x);
		if (contract_parse_text(x.data, x.len, &b) < 0)
			abort();
		put(&b, &y);
		if (strcmp(x.data, y.data) != 0)
			abort();
		apply(&a);
	}
	contract_clear(&a);
	contract_clear(&b);
	buf_clear(&x);
	buf_clear(&y);
	return 0;
}
