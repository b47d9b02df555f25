/* release_text.c - the message of a release's tag. */
#include "lib/record/release/release_text.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

/* On one line, and no letter that a terminal obeys. */
static void add_line(const char *text, struct buf *out)
{
	for (; *text; text++)
		buf_addch(out, (unsigned char)*text < ' ' || *text == 127 ? ' ' : *text);
}

static void add_figures(const char *prefix, const json_t *figures, struct buf *out)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)figures, key, v) {
		char *full = *prefix ? xasprintf("%s.%s", prefix, key) : xstrdup(key);

		if (json_is_object(v)) {
			add_figures(full, v, out);
		} else if (json_is_number(v)) {
			buf_addstr(out, "  ");
			add_line(full, out);
			buf_addf(out, "  %.6g\n", json_number_value(v));
		}
		free(full);
	}
}

static void add_gates(const json_t *gates, struct buf *out)
{
	json_t *row;
	size_t i;

	json_array_foreach((json_t *)gates, i, row) {
		const char *why = json_str(row, "why", "");
		bool idle = !strcmp(json_str(row, "state", ""), "not applicable");

		buf_addstr(out, idle			      ? "  n/a   "
				: json_bool(row, "ok", false) ? "  ok    "
							      : "  FAIL  ");
		add_line(json_str(row, "what", ""), out);
		buf_addstr(out, *why ? "   " : "");
		add_line(why, out);
		buf_addch(out, '\n');
	}
}

static void add_trailer(const char *key, const char *value, struct buf *out)
{
	buf_addf(out, "%s: ", key);
	add_line(value, out);
	buf_addch(out, '\n');
}

void release_text(const char *release, const struct version *v, const char *stage,
		  const char *forced, const json_t *doc, struct buf *out)
{
	const json_t *figures = json_object_get(doc, "figures"),
		     *gates = json_object_get(doc, "gates");
	struct buf json = BUF_INIT;

	buf_addf(out, "%s: %s %s@%lld to %s%s\n", release, v->kind, v->name, (long long)v->number,
		 stage, forced ? ", forced" : "");
	buf_addf(out, "\nbuild %s, validation %s\n", v->build, v->validation);
	if (json_object_size(figures))
		buf_addstr(out, "\nfigures\n");
	add_figures("", figures, out);
	if (json_array_size(gates))
		buf_addstr(out, "\ngates\n");
	add_gates(gates, out);
	if (forced) {
		buf_addstr(out, "\nforced: ");
		add_line(forced, out);
		buf_addch(out, '\n');
	}
	buf_addch(out, '\n');
	add_trailer("Mich-Release", release, out);
	add_trailer("Mich-Id", v->id, out);
	add_trailer("Mich-Content", v->content, out);
	add_trailer("Mich-Stage", stage, out);
	if (forced)
		add_trailer("Mich-Forced", forced, out);
	json_canonical(doc, &json);
	add_trailer("Mich-Doc", json.data, out);
	buf_clear(&json);
}
