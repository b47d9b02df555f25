/* checked.c - gates, checks and validation as rows of one kind. */
#define _GNU_SOURCE
#include "lib/catalog/checked.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/record/event.h"

/* A gate among what validation judged, if it is there once: NULL where nobody could tell which. */
static json_t *find_validated(const json_t *checks, const char *what)
{
	json_t *row, *found = NULL;
	size_t i;

	json_array_foreach((json_t *)checks, i, row)
		if (!strcmp(json_str(row, "kind", ""), "validation") &&
		    !strcmp(json_str(row, "what", ""), what)) {
			if (found)
				return NULL;
			found = row;
		}
	return found;
}

static json_t *make_check(const char *of, const char *kind, const json_t *row, int64_t at_ms)
{
	bool ok = json_bool(row, "ok", false);
	char at[CLOCK_ISO_BYTES];

	clock_iso(at_ms, at);
	return json_pack("{s:s,s:s,s:s,s:b,s:s,s:s,s:O?,s:s?}", "of", of, "kind", kind, "what",
			 json_str(row, "what", json_str(row, "check", json_str(row, "expr", ""))),
			 "ok", ok, "state", json_str(row, "state", ok ? "holds" : "fails"), "why",
			 json_str(row, "why", ""), "value", json_object_get(row, "value"), "at",
			 at_ms ? at : NULL);
}

/* Validation judges gates too: what both judged is told once, by who did it last. */
static void add_check(json_t *checks, json_t *check_taken)
{
	json_t *told = NULL;

	if (!strcmp(json_str(check_taken, "kind", ""), "gate"))
		told = find_validated(checks, json_str(check_taken, "what", ""));
	if (!told)
		json_array_append(checks, check_taken);
	else if (strcmp(json_str(told, "at", ""), json_str(check_taken, "at", "")) < 0)
		json_object_update(told, check_taken);
	json_decref(check_taken);
}

int checked_event(struct repo *r, const struct version *v, const char *type, const char *kind,
		  json_t *checks)
{
	json_t *data = NULL, *row;
	const json_t *rows;
	char *of = version_ref(v);
	int64_t at_ms = 0;
	size_t i;
	int rc = event_last(r, v, type, &data);

	if (!rc)
		rc = event_time(r, v, type, &at_ms);
	rows = json_object_get(data, "rows") ? json_object_get(data, "rows")
					     : json_object_get(data, "checks");
	json_array_foreach((json_t *)rows, i, row)
		add_check(checks, make_check(of, kind, row, at_ms));
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

		add_check(checks, make_check(of, "check", check, 0));
		json_decref(check);
		free(why);
	}
}
