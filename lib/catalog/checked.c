/* checked.c - gates, checks and validation as rows of one kind. */
#define _GNU_SOURCE
#include "lib/catalog/checked.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/record/event.h"

/* Validation judges gates too: what was found twice is told once. */
static bool is_told(const json_t *checks, const char *what, const char *state)
{
	const json_t *row;
	size_t i;

	json_array_foreach((json_t *)checks, i, row)
		if (!strcmp(json_str(row, "what", ""), what) &&
		    !strcmp(json_str(row, "state", ""), state) &&
		    !strcmp(json_str(row, "kind", ""), "validation"))
			return true;
	return false;
}

static void add_check(json_t *checks, const char *of, const char *kind, const json_t *row)
{
	bool ok = json_bool(row, "ok", false);
	const char *what = json_str(row, "what", json_str(row, "check", json_str(row, "expr", "")));
	const char *state = json_str(row, "state", ok ? "holds" : "fails");

	if (!strcmp(kind, "gate") && is_told(checks, what, state))
		return;
	json_array_append_new(checks, json_pack("{s:s,s:s,s:s,s:b,s:s,s:s,s:O?}", "of", of, "kind",
						kind, "what", what, "ok", ok, "state", state, "why",
						json_str(row, "why", ""), "value",
						json_object_get(row, "value")));
}

int checked_event(struct repo *r, const struct version *v, const char *type, const char *kind,
		  json_t *checks)
{
	json_t *data = NULL, *row;
	const json_t *rows;
	char *of = version_ref(v);
	size_t i;
	int rc = event_last(r, v, type, &data);

	rows = json_object_get(data, "rows") ? json_object_get(data, "rows")
					     : json_object_get(data, "checks");
	json_array_foreach((json_t *)rows, i, row)
		add_check(checks, of, kind, row);
	json_decref(data);
	free(of);
	if (rc != ERR_NOT_FOUND)
		return rc;
	error_clear();
	return 0;
}

void checked_data(const char *of, const json_t *profile, json_t *checks)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(profile, "checks"), i, row) {
		bool ok = json_bool(row, "ok", false);
		char *why = ok ? xstrdup("")
			       : xasprintf("%lld rows fail", (long long)json_int(row, "failed", 0));
		json_t *check = json_pack("{s:s,s:b,s:s}", "what", json_str(row, "expr", ""), "ok",
					  ok, "why", why);

		add_check(checks, of, "check", check);
		json_decref(check);
		free(why);
	}
}
