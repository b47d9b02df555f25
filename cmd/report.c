/* report.c - a version as a page to read and send around. */
#define _GNU_SOURCE
#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"
#include "lib/catalog/dossier.h"
#include "lib/cli/term.h"
#include "lib/make/score/comparison.h"
#include "lib/make/pick.h"
#include "lib/make/resolve.h"
#include "lib/page/report.h"

struct report_args {
	const char *name, *output, *format, *against;
	bool json;
};

static const struct opt opts[] = {
	OPT_STRING(
		'o', "output", struct report_args, output, "FILE", NULL, COMP_FILE,
		"write to FILE, whose ending (.html, .md, .xml, .json) is the format; else, or to -, stdout"),
	OPT_CHOICE(
		0, "format", struct report_args, format, NULL, "html|md|junit|json",
		"a page, Markdown for a comment, test results for CI, or all figures; else html"),
	OPT_STRING(
		0, "against", struct report_args, against, "MODEL", NULL, COMP_VERSION,
		"compare with this model on the same rows, whole and in the slices of its evaluation"),
	OPT_JSON(struct report_args),
	OPERAND("version", struct report_args, name, ONE, COMP_VERSION, "what to report on"),
	OPT_END
};

static void write_json(const json_t *doc, struct buf *out)
{
	json_pretty(doc, out);
}

static const struct format {
	const char *name, *ending;
	void (*write)(const json_t *doc, struct buf *out);
} formats[] = {
	{ "html", ".html", report_html }, { "html", ".htm", report_html },
	{ "md", ".md", report_markdown }, { "junit", ".xml", report_junit },
	{ "json", ".json", write_json },
};

/* A file whose ending says something else than a format would not hold what it says. */
static int check_ending(const char *file)
{
	const char *base = path_base(file), *dot = strrchr(base, '.');
	int rc;

	if (!dot || dot == base)
		return 0;
	rc = error_set(ERR_USAGE, "cannot write '%s': no format has the ending '%s'", file, dot);
	return error_hint(rc, "one of .html, .htm, .md, .xml (JUnit) and .json, or say --format");
}

/* What was asked for, else what the file is called, else a page. */
static int find_format(const struct report_args *args, const struct format **out)
{
	const char *name = args->json ? "json" : args->format;

	if (args->json && args->format && strcmp(args->format, "json") != 0)
		return error_set(ERR_USAGE, "--json and --format are two answers: give one");
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (name ? !strcmp(formats[i].name, name)
			 : args->output && path_ends_with(args->output, formats[i].ending)) {
			*out = &formats[i];
			return 0;
		}
	*out = &formats[0];
	return args->output ? check_ending(args->output) : 0;
}

enum { MIN_ROWS = 30, SAMPLES = 1000 };

/* What a's figures are held against: the rows, slices and threshold of b's own evaluation. */
static void ask_of(const json_t *evaluation, struct strlist *by, struct comparison_ask *ask)
{
	const json_t *slice, *columns;
	size_t i;

	*ask = (struct comparison_ask){ .part = json_str(evaluation, "split", "test"),
					.search = true,
					.threshold = json_num(evaluation, "threshold", 0),
					.min_rows = MIN_ROWS,
					.samples = SAMPLES };
	json_array_foreach(json_object_get(evaluation, "slices"), i, slice) {
		const char *one, *two;

		columns = json_object_get(slice, "by");
		one = json_string_value(json_array_get(columns, 0));
		two = json_string_value(json_array_get(columns, 1));
		if (one)
			strlist_addf(by, two ? "%s * %s" : "%s", one, two);
	}
	ask->by = (const char *const *)by->v;
	ask->n_by = by->n;
}

static int compare(struct repo *repo, const char *against, const struct version *b, json_t *doc)
{
	const json_t *first = json_array_get(json_object_get(doc, "evaluations"), 0);
	struct version a = VERSION_INIT;
	struct strlist by = STRLIST_INIT;
	struct comparison_ask ask;
	json_t *comparison = NULL;
	int rc;

	if (strcmp(b->kind, "model") != 0)
		return error_hint(error_set(ERR_USAGE,
					    "--against compares models, and %s/%s is none", b->kind,
					    b->name),
				  "give the model: mich report MODEL --against MODEL");
	ask_of(json_object_get(first, "evaluation"), &by, &ask);
	rc = resolve_version(repo, "model", against, &a);
	if (!rc)
		rc = comparison_make(repo, &a, b, &ask, &comparison);
	if (!rc)
		json_object_set_new(doc, "comparison", comparison);
	version_clear(&a);
	strlist_clear(&by);
	return rc;
}

static int gather(struct repo *repo, const struct report_args *args, json_t **out)
{
	struct version v = VERSION_INIT;
	char now[CLOCK_ISO_BYTES];
	int rc = pick_version(repo, NULL, args->name, &v);

	if (!rc)
		rc = dossier_read(repo, &v, out);
	if (!rc && args->against)
		rc = compare(repo, args->against, &v, *out);
	if (!rc) {
		clock_iso(clock_now_ms(), now);
		json_object_set_new(*out, "made",
				    json_pack("{s:s,s:s}", "by", "mich " MICH_VERSION, "at", now));
	}
	version_clear(&v);
	return rc;
}

static int run(struct repo *repo, const void *p)
{
	struct report_args said = *(const struct report_args *)p;
	const struct report_args *args = &said;
	const struct format *format = NULL;
	struct buf out = BUF_INIT;
	json_t *doc = NULL;
	int rc;

	if (said.output && !strcmp(said.output, "-"))
		said.output = NULL;
	rc = find_format(args, &format);
	if (!rc && !args->output && format->write == report_html && term_stdout()->tty)
		rc = error_hint(error_set(ERR_USAGE, "a page is not for a terminal"),
				"mich report %s -o report.html", args->name);
	if (!rc)
		rc = gather(repo, args, &doc);
	if (!rc)
		format->write(doc, &out);
	if (!rc && args->output)
		rc = file_write(args->output, out.data, out.len);
	else if (!rc)
		fwrite(out.data, 1, out.len, stdout);
	buf_clear(&out);
	json_decref(doc);
	return rc;
}

const struct cmd cmd_report = {
	.name = "report",
	.summary = "write what is known of a version as a page to send around",
	.group = GROUP_LOOK,
	.flags = CMD_READS,
	.opts = opts,
	.args_size = sizeof(struct report_args),
	.run = run,
};
