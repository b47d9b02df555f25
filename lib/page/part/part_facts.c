/* part_facts.c - parameters, and how the version was made: for whoever wants to make it again. */
#define _GNU_SOURCE
#include "lib/page/part/part.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/page/digits.h"

enum { FILES_MAX = 100, NOTES_MAX = 100, NOTE_TEXT = 4000 };

static bool has_parameters(const json_t *doc, const struct digest *d)
{
	(void)d;
	return json_object_size(json_object_get(doc, "params")) ||
	       json_object_size(json_object_get(json_object_get(doc, "manifest"), "recipe"));
}

static void put_pairs(struct html *h, const char *title, const json_t *obj)
{
	size_t depth = h->depth;

	if (!json_object_size(obj))
		return;
	html_open(h, "div");
	html_leaf(h, "h3", NULL, title);
	html_open(h, "div");
	html_attr(h, "class", "scroll");
	html_attr(h, "tabindex", "0");
	html_open(h, "table");
	html_attr(h, "class", "pairs");
	html_open(h, "tbody");
	part_rows(h, obj, "", 0);
	html_close_to(h, depth);
}

static void put_parameters(struct html *h, const json_t *doc, const struct digest *d)
{
	const json_t *manifest = json_object_get(doc, "manifest");

	(void)d;
	html_open(h, "div");
	html_attr(h, "class", "columns");
	put_pairs(h, "Parameters", json_object_get(doc, "params"));
	put_pairs(h, "Recipe", json_object_get(manifest, "recipe"));
	html_close(h);
}

static void add_fact(json_t *facts, const char *key, const json_t *value)
{
	if (value && !json_is_null(value) && !(json_is_object(value) && !json_object_size(value)))
		json_object_set(facts, key, (json_t *)value);
}

/* What names the version and what it was made with, in the words of the manual. */
static json_t *facts_of(const json_t *doc)
{
	static const char *const own[] = { "id",   "content", "commit",	 "state",   "code",
					   "user", "host",    "started", "finished" };
	static const char *const made[] = { "seed",	 "threads",	"device",
					    "engines",	 "environment", "usage",
					    "isolation", "hardware",	"fingerprint" };
	const json_t *manifest = json_object_get(doc, "manifest");
	json_t *facts = json_object();

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		add_fact(facts, own[i], json_object_get(doc, own[i]));
	for (size_t i = 0; i < ARRAY_LEN(made); i++)
		add_fact(facts, made[i], json_object_get(manifest, made[i]));
	add_fact(facts, "tags", json_object_get(doc, "tags"));
	return facts;
}

static void put_files(struct html *h, const json_t *files)
{
	static const char *const headings[] = { "File", "#Size" };
	size_t depth = h->depth, i;
	const json_t *row;

	if (!json_array_size(files))
		return;
	html_open(h, "div");
	html_leaff(h, "h3", NULL, "Files (%zu)", json_array_size(files));
	part_table(h, headings, ARRAY_LEN(headings));
	json_array_foreach((json_t *)files, i, row) {
		if (i == FILES_MAX)
			break;
		html_open(h, "tr");
		html_open(h, "td");
		digits_put_value(h, json_object_get(row, "path"), PART_NAME);
		html_close(h);
		html_open(h, "td");
		html_attr(h, "class", "n");
		digits_put_bytes(h, json_num(row, "size", 0));
		html_close(h);
		html_close(h);
	}
	html_close_to(h, depth);
}

static void put_notes(struct html *h, const json_t *notes)
{
	const json_t *row;
	size_t i;

	json_array_foreach((json_t *)notes, i, row) {
		if (i == NOTES_MAX)
			break;
		html_open(h, "blockquote");
		html_open(h, "p");
		html_short(h, json_str(row, "text", ""), NOTE_TEXT);
		html_close(h);
		html_open(h, "footer");
		html_short(h, json_str(row, "user", ""), PART_NAME);
		html_text(h, ", ");
		digits_put_time(h, json_str(row, "at", ""));
		html_close(h);
		html_close(h);
	}
}

static bool has_record(const json_t *doc, const struct digest *d)
{
	(void)d;
	return json_object_size(doc) > 0;
}

static void put_record(struct html *h, const json_t *doc, const struct digest *d)
{
	json_t *facts = facts_of(doc);

	(void)d;
	put_notes(h, json_object_get(doc, "notes"));
	html_open(h, "div");
	html_attr(h, "class", "columns");
	put_pairs(h, "How it was made", facts);
	put_files(h, json_object_get(doc, "files"));
	html_close(h);
	json_decref(facts);
}

const struct part part_parameters = { "parameters", "Parameters", has_parameters, put_parameters };
const struct part part_record = { "record", "Record", has_record, put_record };
