/* michfile.c - any bytes as a Michfile, then an order and an override. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/spec/command.h"
#include "lib/spec/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void use(struct spec *s)
{
	const struct spec_node **order;
	struct strlist words = STRLIST_INIT;
	const char *set[] = { "seed=3", NULL };

	if (spec_order(s, &order) == 0)
		free(order);
	if (!s->n)
		return;
	if (s->v[0]->command)
		command_words(s->v[0]->command, &words);
	strlist_clear(&words);
	set[1] = s->v[0]->label ? s->v[0]->label : "max_depth=3";
	spec_set(s, s->v[s->n - 1], set, 1);
	free(spec_set_doubt(s->v[0], set[1]));
	spec_set(s, s->v[0], set, ARRAY_LEN(set));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct spec *s;

	if (spec_parse((const char *)data, n, "Michfile", &s) < 0)
		return 0;
	use(s);
	spec_free(s);
	return 0;
}
