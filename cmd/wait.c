/* wait.c - wait for validations that run in the background. */
#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/make/pick.h"
#include "lib/make/judge/validation.h"
#include "lib/record/event.h"
#include "lib/record/version.h"

struct wait_args {
	struct strlist models;
	int64_t timeout;
	bool json;
};

static const struct opt opts[] = {
	OPT_SPAN(0, "timeout", struct wait_args, timeout, "SPAN", NULL,
		 "give up after this long, with exit status 124; else wait for ever"),
	OPT_JSON(struct wait_args),
	OPERAND("model", struct wait_args, models, ANY, COMP_VERSION,
		"models to wait for; without any, all that are being validated"),
	OPT_END
};

static int ids_of(struct repo *repo, const struct strlist *models, json_t **out)
{
	int rc = 0;

	if (!models->n)
		return validation_live(repo, out);
	*out = json_array();
	for (size_t i = 0; !rc && i < models->n; i++) {
		struct version v = VERSION_INIT;

		rc = pick_version(repo, "model", models->v[i], &v);
		if (!rc)
			json_array_append_new(*out, json_string(v.id));
		version_clear(&v);
	}
	return rc;
}

static void print(const char *ref, const char *state, const json_t *event)
{
	const char *reason = json_str(event, "reason", NULL);
	json_t *check;
	size_t i;

	printf("%s %s%s%s\n", ref, state, reason ? ": " : "", reason ? reason : "");
	json_array_foreach(json_object_get(event, "checks"), i, check)
		if (!json_bool(check, "ok", false))
			printf("  FAIL  %s   %s\n", json_str(check, "what", ""),
			       json_str(check, "why", ""));
}

/* What came of one that is over. */
static int tell(struct repo *repo, const char *id, bool json, json_t *rows, bool *passed)
{
	struct version v = VERSION_INIT;
	json_t *event = NULL;
	char *ref = NULL;
	int rc = version_by_id(repo, id, &v);

	if (!rc && (rc = event_last(repo, &v, "validated", &event)) == ERR_NOT_FOUND) {
		error_clear();
		rc = 0;
	}
	if (!rc) {
		ref = version_ref(&v);
		*passed = *passed && !strcmp(v.validation, "passed");
		if (!json)
			print(ref,
			      strcmp(v.validation, "none") ? v.validation : "was never validated",
			      event);
		json_array_append_new(rows,
				      json_pack("{s:s,s:s,s:s,s:O?}", "ref", ref, "id", v.id,
						"validation", v.validation, "validated", event));
	}
	free(ref);
	json_decref(event);
	version_clear(&v);
	return rc;
}

static int run(struct repo *repo, const void *p)
{
	const struct wait_args *args = p;
	int64_t end = clock_mono_us() / 1000 + args->timeout, left;
	json_t *ids = NULL, *rows = json_array();
	bool passed = true;
	int rc = ids_of(repo, &args->models, &ids);

	for (size_t i = 0; !rc && i < json_array_size(ids); i++) {
		const char *id = json_string_value(json_array_get(ids, i));

		left = end - clock_mono_us() / 1000;
		rc = validation_wait(repo, id, !args->timeout ? 0 : left > 1 ? left : 1);
		if (!rc)
			rc = tell(repo, id, args->json, rows, &passed);
	}
	if (!rc && args->json)
		rc = cmd_json(json_incref(rows));
	json_decref(rows);
	json_decref(ids);
	if (!rc && !passed)
		rc = error_set(ERR_NO, "not all of them passed");
	return rc;
}

const struct cmd cmd_wait = {
	.name = "wait",
	.summary = "wait for validations that run in the background",
	.group = GROUP_RELEASE,
	.flags = CMD_NEEDS_REPO,
	.opts = opts,
	.args_size = sizeof(struct wait_args),
	.run = run,
};
