/*
 * infer.c - any bytes as a request of the Open Inference Protocol. The first byte, where it is below
 * 128, is how much of the rest is JSON; the others are binary tensors.
 */
#include <stdint.h>

#include "lib/base/json.h"
#include "tests/lib/desktop.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct desktop *served(void)
{
	static struct desktop t;
	static struct contract c = CONTRACT_INIT;

	if (t.desk)
		return &t;
	desktop_open(&t);
	contract_add(&c, "d", FRAME_DOUBLE)->nullable = true;
	contract_add(&c, "n", FRAME_INT)->nullable = true;
	contract_add(&c, "t", FRAME_TIME)->nullable = true;
	contract_add(&c, "b", FRAME_BOOL);
	dict_add(&contract_add(&c, "s", FRAME_STRING)->categories, "a");
	desktop_put(&t, "m", "1", &(struct grown){ "reg:squarederror", 0, 0, 3, 2, -1, 3, 1 }, &c);
	c.mode = CONTRACT_COERCE;
	desktop_put(&t, "c", "1", &(struct grown){ "reg:squarederror", 0, 0, 3, 2, -1, 3, 1 }, &c);
	return &t;
}

/* What comes back is JSON, up to where the binary begins. */
static void answered(struct desktop *t)
{
	const char *length = desktop_sent(t, "inference-header-content-length");
	json_t *v = NULL;

	if (t->answer.status != 200 && t->answer.status != 400)
		abort();
	if (json_parse(t->answer.body.data, length ? strtoul(length, NULL, 10) : t->answer.body.len,
		       "answer", &v) < 0)
		abort();
	json_decref(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct desktop *t = served();
	char header[64];
	char *body;

	if (!n--)
		return 0;
	snprintf(header, sizeof header, "inference-header-content-length: %d",
		 data[0] < n ? data[0] : (int)n);
	body = malloc(n + !n); /* exactly as long, so that a byte too far is seen */
	memcpy(body, data + 1, n);
	desktop_bytes(t, "POST", "/v2/models/m/infer", data[0] < 128 ? header : "", body, n);
	answered(t);
	desktop_bytes(t, "POST", "/v2/models/c/infer", data[0] < 128 ? header : "", body, n);
	answered(t);
	free(body);
	return 0;
}
