/* benched.c - the newest bench of a model that may be relied on. */
#include "lib/make/judge/benched.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/make/judge/twins.h"

/* What of a bench that is no use to a gate is told. */
static void give_reason(struct benched *out, const struct version *v, const char *why)
{
	if (!out->reason)
		out->reason = xasprintf("bench/%s@%lld %s", v->name, (long long)v->number, why);
}

static void take(struct benched *out, const struct version *v, json_t *figures,
		 const char *hardware)
{
	benched_clear(out);
	version_copy(v, &out->version);
	out->figures = json_incref(figures);
	out->hardware = xstrdup(hardware);
}

static int look(struct repo *r, const struct version *v, const char *hardware, struct benched *out)
{
	json_t *manifest = NULL, *metrics = NULL, *figures;
	const char *where;
	int rc = version_manifest(r, v, &manifest);

	if (!rc)
		rc = version_metrics(r, v, &metrics);
	figures = json_object_get(metrics, "bench");
	where = json_str(json_object_get(manifest, "hardware"), "id", "");
	if (!rc && strcmp(json_str(manifest, "input", ""), "recorded"))
		give_reason(out, v, "was not fed with recorded rows, so it satisfies no gate");
	else if (!rc && hardware && strcmp(where, hardware))
		give_reason(out, v, "ran on other hardware, so the figures cannot be compared");
	else if (!rc && json_is_object(figures))
		take(out, v, figures, where);
	json_decref(manifest);
	json_decref(metrics);
	return rc;
}

static int by_time(const void *a, const void *b)
{
	const struct version *x = a, *y = b;

	return x->finished_ms < y->finished_ms ? 1 : x->finished_ms > y->finished_ms ? -1 : 0;
}

int benched_find(struct repo *r, const struct version *model, const char *hardware,
		 struct benched *out)
{
	struct version *users = NULL;
	size_t n = 0;
	int rc = twins_users(r, model, &users, &n);

	*out = (struct benched)BENCHED_INIT;
	if (!rc && n)
		qsort(users, n, sizeof *users, by_time);
	for (size_t i = 0; i < n; i++) {
		if (!rc && !out->figures && !strcmp(users[i].kind, "bench") &&
		    !strcmp(users[i].build, "good"))
			rc = look(r, &users[i], hardware, out);
		version_clear(&users[i]);
	}
	free(users);
	if (!rc && !out->figures && !out->reason)
		out->reason = xasprintf("no bench of it; mich bench %s@%lld", model->name,
					(long long)model->number);
	return rc;
}

void benched_clear(struct benched *b)
{
	version_clear(&b->version);
	json_decref(b->figures);
	free(b->hardware);
	free(b->reason);
	*b = (struct benched)BENCHED_INIT;
}
