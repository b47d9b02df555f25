/* digest.c - the verdict of a report, and the figures that come first. */
#define _GNU_SOURCE
#include "lib/page/digest.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/page/digits.h"

/* In the order in which they are shown; the first that is there is the main one of its task. */
static const struct {
	const char *key, *title;
	bool higher;
} known[] = {
	{ "rmse", "RMSE", false },
	{ "auc", "AUC", true },
	{ "logloss", "Log loss", false },
	{ "ndcg", "NDCG", true },
	{ "ndcg@10", "NDCG@10", true },
	{ "mae", "MAE", false },
	{ "r2", "R\xc2\xb2", true },
	{ "bias", "Bias", false },
	{ "accuracy", "Accuracy", true },
	{ "precision", "Precision", true },
	{ "recall", "Recall", true },
	{ "f1", "F1", true },
	{ "brier", "Brier score", false },
	{ "map", "MAP", true },
	{ "mape", "MAPE", false },
	{ "p50_us", "Median, \xc2\xb5s", false },
	{ "p99_us", "99 %, \xc2\xb5s", false },
	{ "p95_us", "95 %, \xc2\xb5s", false },
	{ "rows_s", "Rows a second", true },
};

/* What task has which metric before all others. */
static const struct {
	const char *task, *metric;
} mains[] = {
	{ "regression", "rmse" }, { "binary", "auc" },	     { "multiclass", "logloss" },
	{ "ranking", "ndcg" },	  { "detection", "recall" },
};

const char *digest_title(const char *metric)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (!strcmp(metric, known[i].key))
			return known[i].title;
	return metric;
}

bool digest_higher_is_better(const char *metric)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (!strcmp(metric, known[i].key))
			return known[i].higher;
	return false;
}

const char *digest_tone_name(enum digest_tone tone)
{
	static const char *const names[] = { "plain", "good", "warn", "bad" };

	return names[tone];
}

bool digest_is_open(const json_t *check)
{
	const char *state = json_str(check, "state", "");

	return strcmp(state, "holds") != 0 && strcmp(state, "fails") != 0 &&
	       strcmp(state, "passed") != 0 && strcmp(state, "failed") != 0;
}

/* How much was measured, and settings, are no figure of merit. */
bool digest_is_aside(const char *key)
{
	static const char *const asides[] = {
		"rows",	   "unlabelled", "threshold", "tp",	      "fp",	"tn",
		"fn",	   "bytes",	 "hits",      "false_alarms", "misses", "calls",
		"load_ms", "max_us",	 "threads",   "memory_bytes", "items"
	};

	for (size_t i = 0; i < ARRAY_LEN(asides); i++)
		if (!strcmp(key, asides[i]))
			return true;
	return false;
}

static bool is_in(const char *const *keys, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(keys[i], key))
			return true;
	return false;
}

size_t digest_keys(const struct digest *d, const char **keys, size_t cap)
{
	const json_t *value;
	const char *key;
	size_t n = 0;

	if (d->main && n < cap)
		keys[n++] = d->main;
	for (size_t i = 0; i < ARRAY_LEN(known) && n < cap; i++) {
		const json_t *known_value = json_object_get(d->metrics, known[i].key);

		if (json_is_number(known_value) && !is_in(keys, n, known[i].key))
			keys[n++] = known[i].key;
	}
	json_object_foreach((json_t *)d->metrics, key, value)
		if (n < cap && json_is_number(value) && !digest_is_aside(key) &&
		    !is_in(keys, n, key))
			keys[n++] = key;
	return n;
}

void digest_find_main(struct digest *d)
{
	const char *task = json_str(d->document, "task", ""), *first[1];

	for (size_t i = 0; i < ARRAY_LEN(mains); i++)
		if (!strcmp(task, mains[i].task) &&
		    json_is_number(json_object_get(d->metrics, mains[i].metric)))
			d->main = mains[i].metric;
	if (!d->main && digest_keys(d, first, 1))
		d->main = first[0];
}

/* The split that the figures are of: what the evaluation says, else test, else any. */
static void find_split(const json_t *all, struct digest *d)
{
	static const char *const splits[] = { "test", "validation", "train" };
	const char *key, *said = json_str(d->document, "split", NULL);
	const json_t *value;

	if (said && json_is_object(json_object_get(all, said)))
		d->split = said;
	for (size_t i = 0; !d->split && i < ARRAY_LEN(splits); i++)
		if (json_is_object(json_object_get(all, splits[i])))
			d->split = splits[i];
	json_object_foreach((json_t *)all, key, value)
		if (!d->split && json_is_object(value))
			d->split = key;
	d->metrics = d->split ? json_object_get(all, d->split) : NULL;
	digest_find_main(d);
}

void digest_of_evaluation(const json_t *row, struct digest *d)
{
	d->evaluation = row;
	d->document = json_object_get(row, "evaluation");
	find_split(json_object_get(row, "metrics"), d);
}

static void find_metrics(const json_t *doc, struct digest *d)
{
	const json_t *first = json_array_get(json_object_get(doc, "evaluations"), 0);

	if (first)
		digest_of_evaluation(first, d);
	else
		find_split(json_object_get(doc, "metrics"), d);
}

static void count_checks(const json_t *doc, struct digest *d, const json_t **first_bad)
{
	const json_t *checks = json_object_get(doc, "checks"), *row;
	size_t i;

	json_array_foreach((json_t *)checks, i, row) {
		bool ok = json_bool(row, "ok", false);

		if (!ok && !*first_bad)
			*first_bad = row;
		if (!ok)
			d->failed++;
		else if (digest_is_open(row))
			d->open++;
		else
			d->held++;
	}
}

static void say(struct digest *d, enum digest_tone tone, char *headline, const char *detail)
{
	d->tone = tone;
	d->headline = headline;
	d->detail = detail && *detail ? xstrdup(detail) : NULL;
}

static void say_checks(struct digest *d, const json_t *bad)
{
	size_t n = d->held + d->failed;
	const char *why = json_str(bad, "why", "");

	if (d->failed)
		say(d, TONE_BAD,
		    xasprintf("Fails %zu of %zu check%s", d->failed, n, n == 1 ? "" : "s"),
		    *why ? why : json_str(bad, "what", ""));
	else if (d->held == 1)
		say(d, TONE_GOOD, xstrdup("Holds its one check"), NULL);
	else if (d->held)
		say(d, TONE_GOOD, xasprintf("Holds all %zu checks", d->held), NULL);
	else
		say(d, TONE_PLAIN, xstrdup("Nothing was asked of it: no gate, no check"), NULL);
}

/* The row of "metrics" of a comparison that decides. NULL: none. */
static const json_t *decisive(const json_t *comparison)
{
	const json_t *rows = json_object_get(comparison, "metrics"), *row;
	const char *main = json_str(comparison, "main", "");
	size_t i;

	json_array_foreach((json_t *)rows, i, row)
		if (!strcmp(json_str(row, "metric", ""), main))
			return row;
	return json_array_get(rows, 0);
}

/* Slices that got worse, where the whole did not. */
static size_t worse_slices(const json_t *comparison)
{
	const json_t *slice, *group;
	size_t i, k, n = 0;

	json_array_foreach(json_object_get(comparison, "slices"), i, slice)
		json_array_foreach(json_object_get(slice, "groups"), k, group)
			n += !strcmp(json_str(group, "verdict", ""), "worse");
	return n;
}

static void say_comparison(const json_t *comparison, struct digest *d)
{
	const json_t *row = decisive(comparison);
	const char *verdict = json_str(row, "verdict", "same");
	bool better = !strcmp(verdict, "better"), worse = !strcmp(verdict, "worse");
	size_t slices = worse_slices(comparison);
	struct buf b = BUF_INIT;

	if (!row)
		return;
	buf_addf(&b, "%s %s: %s ",
		 better	 ? "Better than"
		 : worse ? "Worse than"
			 : "No better or worse than",
		 json_str(json_object_get(comparison, "a"), "ref", "the other"),
		 digest_title(json_str(row, "metric", "")));
	digits_text(digits_of(json_object_get(row, "b")), &b);
	buf_addstr(&b, ", not ");
	digits_text(digits_of(json_object_get(row, "a")), &b);
	if (slices)
		buf_addf(&b, "; worse in %zu slice%s", slices, slices == 1 ? "" : "s");
	d->compared = buf_take(&b);
	d->compared_tone = worse || json_bool(comparison, "worse", false) ? TONE_BAD
			   : slices					  ? TONE_WARN
			   : better					  ? TONE_GOOD
									  : TONE_PLAIN;
}

void digest_read(const json_t *doc, struct digest *out)
{
	const json_t *state = json_object_get(doc, "state"), *bad = NULL;
	const char *build = json_str(state, "build", "good"), *life = json_str(state, "life", "");
	const char *reason = json_str(json_object_get(doc, "manifest"), "reason", NULL);

	*out = (struct digest){ 0 };
	find_metrics(doc, out);
	count_checks(doc, out, &bad);
	say_comparison(json_object_get(doc, "comparison"), out);
	if (strcmp(build, "good") != 0)
		say(out, TONE_BAD,
		    xasprintf("Its build %s %s", !strcmp(build, "running") ? "is" : "was", build),
		    reason);
	else if (!out->failed && !strcmp(json_str(state, "validation", ""), "failed"))
		say(out, TONE_BAD, xstrdup("Its validation failed"), NULL);
	else
		say_checks(out, bad);
	if (out->tone < TONE_BAD && (!strcmp(life, "retired") || !strcmp(life, "deprecated"))) {
		char *was = out->headline;

		out->headline = xasprintf("It is %s. %s", life, was);
		out->tone = TONE_WARN;
		free(was);
	}
}

void digest_clear(struct digest *d)
{
	free(d->headline);
	free(d->detail);
	free(d->compared);
	*d = (struct digest){ 0 };
}
