/* moved.c - stages and their moves, printed. */
#include "cmd/moved.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/cli/grid.h"

/* "model/eta@14"; its id where the version is not here. Caller frees. */
static char *version_text(struct repo *repo, const char *id)
{
	struct version v = VERSION_INIT;
	char *text = version_by_id(repo, id, &v) == 0 ? version_ref(&v) : xasprintf("%.12s", id);

	error_clear();
	version_clear(&v);
	return text;
}

/* What there is to say beside who and when. Caller frees. */
static char *note_text(const struct stage *s)
{
	struct buf b = BUF_INIT;

	if (!strcmp(s->action, "rollback"))
		buf_addstr(&b, "rolled back");
	if (s->forced)
		buf_addf(&b, "%sforced: %s", b.len ? ", " : "", s->forced);
	if (s->reason)
		buf_addf(&b, "%s%s", b.len ? ": " : "", s->reason);
	return buf_take(&b);
}

static void print_table(struct repo *repo, const struct stage *v, size_t n)
{
	static const char *const titles[] = { "name",  "stage", "release", "version",
					      "since", "by",	"note" };
	struct grid g;

	if (!n)
		return;
	grid_init(&g, ARRAY_LEN(titles));
	for (size_t i = 0; i < ARRAY_LEN(titles); i++)
		grid_column(&g, titles[i], false);
	for (size_t i = 0; i < n; i++) {
		char *version = version_text(repo, v[i].version), *note = note_text(&v[i]),
		     iso[CLOCK_ISO_BYTES];
		const char *mail = strstr(v[i].user, " <");

		clock_iso(v[i].at_ms, iso);
		grid_cellf(&g, "%s/%s", v[i].space, v[i].name);
		grid_cell(&g, v[i].stage);
		grid_cellf(&g, "%lld.%lld", (long long)v[i].major, (long long)v[i].minor);
		grid_cell(&g, version);
		grid_cellf(&g, "%.10s %.5s", iso, iso + 11);
		grid_cellf(&g, "%.*s", mail ? (int)(mail - v[i].user) : (int)strlen(v[i].user),
			   v[i].user);
		grid_cell(&g, note);
		if (v[i].forced)
			grid_style(&g, STYLE_RED);
		free(version);
		free(note);
	}
	grid_print(&g);
	grid_clear(&g);
}

static int print_json(struct repo *repo, const struct stage *v, size_t n)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < n; i++) {
		char *version = version_text(repo, v[i].version), at[CLOCK_ISO_BYTES],
		     *name = xasprintf("%s/%s", v[i].space, v[i].name),
		     *release =
			     xasprintf("%lld.%lld", (long long)v[i].major, (long long)v[i].minor);

		clock_iso(v[i].at_ms, at);
		json_array_append_new(
			rows, json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s?,s:s?}", "name", name,
					"stage", v[i].stage, "release", release, "version", version,
					"id", v[i].version, "at", at, "user", v[i].user, "action",
					v[i].action, "forced", v[i].forced, "reason", v[i].reason));
		free(version);
		free(name);
		free(release);
	}
	return cmd_json(rows);
}

int moved_print(struct repo *repo, const struct stage *v, size_t n, bool json)
{
	if (json)
		return print_json(repo, v, n);
	print_table(repo, v, n);
	return 0;
}
