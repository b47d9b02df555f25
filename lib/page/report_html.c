/* report_html.c - a report as one HTML file: head, verdict, tiles, contents, sections. */
#define _GNU_SOURCE
#include "lib/page/report.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/page/digest.h"
#include "lib/page/digits.h"
#include "lib/page/html.h"
#include "lib/page/part/part.h"
#include "lib/page/style.h"

enum { TILES = 5, CHIPS = 12 };

/* Nothing may be fetched or run, whatever a record holds. */
static const char policy[] = "default-src 'none'; style-src 'unsafe-inline'";

static const struct part *const sections[] = {
	&part_checks,	  &part_comparison, &part_evaluation, &part_slices,   &part_partitions,
	&part_importance, &part_custom,	    &part_bench,      &part_history,  &part_learning,
	&part_data,	  &part_parameters, &part_lineage,    &part_releases, &part_record,
};

static void put_meta(struct html *h, const char *name, const char *content)
{
	html_open(h, "meta");
	html_attr(h, "name", name);
	html_attr(h, "content", content);
	html_close(h);
}

static void put_head(struct html *h, const json_t *doc)
{
	html_open(h, "head");
	html_open(h, "meta");
	html_attr(h, "charset", "utf-8");
	html_close(h);
	html_open(h, "meta");
	html_attr(h, "http-equiv", "Content-Security-Policy");
	html_attr(h, "content", policy);
	html_close(h);
	put_meta(h, "viewport", "width=device-width, initial-scale=1");
	put_meta(h, "color-scheme", "light dark");
	put_meta(h, "robots", "noindex");
	html_leaff(h, "title", NULL, "%s: report", json_str(doc, "ref", ""));
	html_open(h, "style");
	for (const char *const *piece = page_style; *piece; piece++)
		html_verbatim(h, *piece);
	html_close(h);
	html_close(h);
}

/* "model/" small, the name, "@2" soft. */
static void put_name(struct html *h, const char *ref)
{
	const char *slash = strchr(ref, '/'), *name = slash ? slash + 1 : ref;
	size_t n = strcspn(name, "@");

	html_open(h, "h1");
	html_textn(h, name, n);
	html_leaf(h, "span", "rev", name + n);
	html_close(h);
}

static const char *title_of(const json_t *doc)
{
	static const char *const kinds[][2] = { { "model", "Model" },
						{ "dataset", "Data set" },
						{ "eval", "Evaluation" },
						{ "prediction", "Prediction" },
						{ "bench", "Bench" } };
	const char *kind = json_str(doc, "kind", "");

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (!strcmp(kind, kinds[i][0]))
			return kinds[i][1];
	return kind;
}

static void put_byline(struct html *h, const json_t *doc)
{
	const json_t *code = json_object_get(doc, "code"), *in;
	const char *user = json_str(doc, "user", ""), *commit = json_str(code, "commit", NULL);
	size_t i;

	html_open(h, "p");
	html_attr(h, "class", "byline");
	html_open(h, "span");
	digits_put_time(h, json_str(doc, "finished", ""));
	html_close(h);
	html_open(h, "span");
	html_textn(h, user, strcspn(user, "<"));
	html_close(h);
	json_array_foreach(json_object_get(doc, "inputs"), i, in) {
		if (i < 3 && json_is_string(json_object_get(in, "id")))
			html_leaff(h, "span", NULL, "from %s", json_str(in, "ref", ""));
	}
	if (commit)
		html_leaff(h, "span", NULL, "code %.10s%s", commit,
			   json_bool(code, "dirty", false) ? ", not committed" : "");
	html_close(h);
}

/* Releases and stages; what was promoted by force says so. */
static void put_chips(struct html *h, const json_t *doc)
{
	const json_t *row, *stage;
	size_t i, k;

	if (!json_array_size(json_object_get(doc, "releases")))
		return;
	html_open(h, "p");
	html_attr(h, "class", "chips");
	json_array_foreach(json_object_get(doc, "releases"), i, row) {
		const char *forced = json_str(row, "forced", NULL);

		if (i == CHIPS)
			break;
		html_leaf(h, "span", "chip", json_str(row, "release", ""));
		json_array_foreach(json_object_get(row, "stages"), k, stage)
			html_leaf(h, "span", "chip good",
				  json_string_value(stage) ? json_string_value(stage) : "");
		if (forced) {
			html_open(h, "span");
			html_attr(h, "class", "chip warn");
			html_text(h, "forced: ");
			html_short(h, forced, PART_NAME);
			html_close(h);
		}
	}
	html_close(h);
}

static void put_verdict(struct html *h, const struct digest *d)
{
	html_open(h, "div");
	html_attrf(h, "class", "verdict %s",
		   digest_tone_name(d->tone > d->compared_tone ? d->tone : d->compared_tone));
	html_open(h, "p");
	html_attr(h, "class", "say");
	part_mark(h, digest_tone_name(d->tone), d->headline);
	html_close(h);
	if (d->detail) {
		html_open(h, "p");
		html_attr(h, "class", "detail");
		html_short(h, d->detail, 2 * PART_TEXT);
		html_close(h);
	}
	if (d->compared) {
		html_open(h, "p");
		html_attr(h, "class", "say");
		part_mark(h, digest_tone_name(d->compared_tone), d->compared);
		html_close(h);
	}
	html_close(h);
}

static void put_interval(struct html *h, const struct digest *d, const char *key)
{
	const json_t *interval = json_object_get(json_object_get(d->document, "intervals"), key);

	if (json_array_size(interval) != 2)
		return;
	html_open(h, "p");
	html_attr(h, "class", "aside");
	digits_put_even(h, digits_of(json_array_get(interval, 0)));
	html_text(h, " to ");
	digits_put_even(h, digits_of(json_array_get(interval, 1)));
	html_close(h);
}

static void put_tile(struct html *h, const char *label, const json_t *value, const struct digest *d,
		     const char *key)
{
	html_open(h, "div");
	html_attr(h, "class", "tile");
	html_open(h, "p");
	html_attr(h, "class", "label");
	html_short(h, label, PART_NAME);
	html_close(h);
	html_open(h, "p");
	html_attr(h, "class", "value");
	digits_put_even(h, digits_of(value));
	html_close(h);
	if (key)
		put_interval(h, d, key);
	html_close(h);
}

static void put_tiles(struct html *h, const struct digest *d)
{
	const char *keys[TILES];
	size_t n = digest_keys(d, keys, TILES);
	const json_t *rows = json_object_get(d->metrics, "rows");
	char *label;

	if (!n)
		return;
	html_open(h, "div");
	html_attr(h, "class", "tiles");
	for (size_t i = 0; i < n; i++)
		put_tile(h, digest_title(keys[i]), json_object_get(d->metrics, keys[i]), d,
			 keys[i]);
	if (json_is_number(rows)) {
		label = xasprintf("Rows, %s", d->split);
		put_tile(h, label, rows, d, NULL);
		free(label);
	}
	html_close(h);
}

static void put_contents(struct html *h, const json_t *doc, const struct digest *d)
{
	html_open(h, "nav");
	html_open(h, "ul");
	for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
		if (!sections[i]->has(doc, d))
			continue;
		html_open(h, "li");
		html_open(h, "a");
		html_attrf(h, "href", "#%s", sections[i]->id);
		html_text(h, sections[i]->title);
		html_close(h);
		html_close(h);
	}
	html_close(h);
	html_close(h);
}

static void put_section(struct html *h, const struct part *s, const json_t *doc,
			const struct digest *d)
{
	size_t depth = h->depth;

	if (!s->has(doc, d))
		return;
	html_open(h, "section");
	html_attr(h, "id", s->id);
	html_leaf(h, "h2", NULL, s->title);
	s->put(h, doc, d);
	html_close_to(h, depth);
	buf_addch(h->out, '\n');
}

static void put_footer(struct html *h, const json_t *doc)
{
	const json_t *made = json_object_get(doc, "made");

	html_open(h, "footer");
	html_text(h, json_str(doc, "ref", ""));
	html_text(h, ", id ");
	html_leaf(h, "span", "ref", json_str(doc, "id", ""));
	if (made) {
		html_textf(h, ". Written by %s, ", json_str(made, "by", "mich"));
		digits_put_time(h, json_str(made, "at", ""));
	}
	html_text(h, ". Every figure holds its whole number; mich report --json prints them all.");
	html_close(h);
}

static void put_top(struct html *h, const json_t *doc, const struct digest *d)
{
	html_open(h, "header");
	html_attr(h, "class", "top");
	html_leaff(h, "p", "eyebrow", "%s", title_of(doc));
	put_name(h, json_str(doc, "ref", ""));
	put_byline(h, doc);
	put_chips(h, doc);
	put_verdict(h, d);
	html_close(h);
}

void report_html(const json_t *doc, struct buf *out)
{
	struct digest d;
	struct html h;

	digest_read(doc, &d);
	buf_addstr(out, "<!DOCTYPE html>\n");
	html_begin(&h, out);
	html_open(&h, "html");
	html_attr(&h, "lang", "en");
	put_head(&h, doc);
	html_open(&h, "body");
	put_top(&h, doc, &d);
	put_tiles(&h, &d);
	put_contents(&h, doc, &d);
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		put_section(&h, sections[i], doc, &d);
	put_footer(&h, doc);
	html_end(&h);
	buf_addch(out, '\n');
	digest_clear(&d);
}
