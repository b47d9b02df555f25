/* opt.c - any words against a table of options: input is words that a NUL ends. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cli/opt.h"

struct args {
	bool force, no_cache;
	int verbose;
	const char *output, *format, *model;
	int64_t number, limit;
	double rate;
	struct strlist set, files;
};

static const struct opt opts[] = {
	OPT_FLAG('f', "force", struct args, force, "h"),
	OPT_FLAG(0, "no-cache", struct args, no_cache, "h"),
	OPT_COUNT('v', "verbose", struct args, verbose, "h"),
	OPT_STRING('o', "output", struct args, output, "FILE", NULL, COMP_FILE, "h"),
	OPT_INT('n', "number", struct args, number, "N", "10", "h"),
	OPT_DOUBLE(0, "rate", struct args, rate, "X", "0.5", "h"),
	OPT_SPAN(0, "limit", struct args, limit, "TIME", "90s", "h"),
	OPT_LIST('s', "set", struct args, set, "KEY=VALUE", COMP_NONE, "h"),
	OPT_CHOICE(0, "format", struct args, format, "text", "text|csv|jsonl", "h"),
	OPERAND("model", struct args, model, OPTIONAL, COMP_MODEL, "h"),
	OPERAND("file", struct args, files, MANY, COMP_FILE, "h"),
	OPT_END
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *argv[256];
	char *text = malloc(n + 1);
	struct args a = { 0 };
	int argc = 0;

	if (!text)
		return 0;
	memcpy(text, data, n);
	text[n] = '\0';
	for (size_t i = 0; i < n && argc < 256; i += strlen(text + i) + 1)
		argv[argc++] = text + i;
	opt_parse(opts, argc, argv, &a);
	opt_clear(opts, &a);
	free(text);
	return 0;
}
