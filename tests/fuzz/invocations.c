/* invocations.c - any bytes as a request of MLflow's shapes, of KServe v1, and as CSV. */
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
	contract_add(&c, "b", FRAME_BOOL)->nullable = true;
	dict_add(&contract_add(&c, "s", FRAME_STRING)->categories, "a");
	desktop_put(&t, "m", "1", &(struct grown){ "reg:squarederror", 0, 0, 3, 2, -1, 3, 1 }, &c);
	c.mode = CONTRACT_COERCE;
	desktop_put(&t, "c", "1", &(struct grown){ "reg:squarederror", 0, 0, 3, 2, -1, 3, 1 }, &c);
	return &t;
}

static void answered(struct desktop *t)
{
	json_t *v = NULL;

	if (t->answer.status != 200 && t->answer.status != 400)
		abort();
	if (json_parse(t->answer.body.data, t->answer.body.len, "answer", &v) < 0)
		abort();
	json_decref(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const paths[] = { "/models/m/invocations", "/models/c/invocations",
					     "/v1/models/m:predict", "/v1/models/c:predict" };
	struct desktop *t = served();
	const char *type = "content-type: application/json";
	char *body;

	if (!n--)
		return 0;
	if (data[0] & 4)
		type = "content-type: text/csv";
	body = malloc(n + !n); /* exactly as long, so that a byte too far is seen */
	memcpy(body, data + 1, n);
	desktop_bytes(t, "POST", paths[data[0] & 3], type, body, n);
	answered(t);
	free(body);
	return 0;
}
