/* tag.c - set, list and remove the tags of a version. */
#define _GNU_SOURCE
#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/catalog/history.h"
#include "lib/make/pick.h"
#include "lib/record/event.h"
#include "lib/record/repo.h"

struct tag_args {
	const char *name;
	struct strlist pairs, remove;
	bool json;
};

static const struct opt opts[] = {
	OPT_LIST('d', "delete", struct tag_args, remove, "KEY", COMP_NONE, "remove a tag"),
	OPT_JSON(struct tag_args),
	OPERAND("version", struct tag_args, name, ONE, COMP_VERSION, "what to tag"),
	OPERAND("key=value", struct tag_args, pairs, ANY, COMP_NONE,
		"tags to set; none: list them"),
	OPT_END
};

enum { KEY_MAX_BYTES = 128 };

/* What can be written as tag.KEY in a condition without quotes. */
static int check_key(const char *key, size_t n)
{
	bool ok = n > 0 && n <= KEY_MAX_BYTES;

	for (size_t i = 0; i < n && ok; i++) {
		char c = key[i];
		bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			    (c >= '0' && c <= '9') || c == '_';

		ok = word || ((c == '-' || c == '.') && i && i + 1 < n);
	}
	if (ok)
		return 0;
	return error_set(
		ERR_INPUT,
		"'%.*s' cannot be the key of a tag: want letters, digits, '_', and '-' or '.' "
		"between them, at most %d",
		(int)n, key, KEY_MAX_BYTES);
}

static int check_pairs(const struct tag_args *args)
{
	int rc = 0;

	for (size_t i = 0; i < args->pairs.n && rc == 0; i++) {
		const char *pair = args->pairs.v[i], *equals = strchr(pair, '=');

		if (!equals) {
			error_set(ERR_USAGE, "'%s' is no KEY=VALUE", pair);
			return error_hint(
				ERR_USAGE,
				"mich tag %s %s=VALUE, or to remove it: mich tag -d %s %s",
				args->name, pair, pair, args->name);
		}
		rc = check_key(pair, (size_t)(equals - pair));
	}
	return rc;
}

/* value NULL removes. Nothing is recorded when nothing would change. */
static int change(struct repo *repo, const struct version *v, const json_t *tags, const char *key,
		  const char *value)
{
	const char *now = json_str(tags, key, NULL);
	json_t *data;
	int rc;

	if (!value && !now) {
		error_set(ERR_NOT_FOUND, "%s/%s@%lld has no tag '%s'", v->kind, v->name,
			  (long long)v->number, key);
		return error_hint(ERR_NOT_FOUND, "mich tag %s/%s@%lld", v->kind, v->name,
				  (long long)v->number);
	}
	if (value && now && !strcmp(value, now))
		return 0;
	data = json_pack("{s:s,s:s?}", "key", key, "value", value);
	if (!data)
		return error_set(ERR_INPUT, "a tag must be UTF-8 text");
	rc = event_record(repo, v, "tag", data);
	json_decref(data);
	return rc;
}

static int change_all(struct repo *repo, const struct version *v, const json_t *tags,
		      const struct tag_args *args)
{
	int rc = 0;

	for (size_t i = 0; i < args->remove.n && rc == 0; i++)
		rc = change(repo, v, tags, args->remove.v[i], NULL);
	for (size_t i = 0; i < args->pairs.n && rc == 0; i++) {
		const char *equals = strchr(args->pairs.v[i], '=');
		char *key = xstrndup(args->pairs.v[i], (size_t)(equals - args->pairs.v[i]));

		rc = change(repo, v, tags, key, equals + 1);
		free(key);
	}
	return rc;
}

static int list(const json_t *tags, bool json)
{
	const char *key;
	json_t *value;

	if (json)
		return cmd_json(json_deep_copy(tags));
	json_object_foreach((json_t *)tags, key, value)
		printf("%s=%s\n", key, json_string_value(value));
	return 0;
}

static int run(struct repo *repo, const void *p)
{
	const struct tag_args *args = p;
	struct version v = VERSION_INIT;
	json_t *remarks = NULL, *tags;
	int rc = check_pairs(args);

	if (rc == 0 && (rc = pick_version(repo, NULL, args->name, &v)) == 0 &&
	    (rc = history_remarks(repo_index(repo), &v, &remarks)) == 0) {
		tags = json_object_get(remarks, "tags");
		rc = args->pairs.n || args->remove.n ? change_all(repo, &v, tags, args)
						     : list(tags, args->json);
	}
	json_decref(remarks);
	version_clear(&v);
	return rc;
}

const struct cmd cmd_tag = {
	.name = "tag",
	.summary = "set, list or remove the tags of a version",
	.group = GROUP_RECORD,
	.flags = CMD_NEEDS_REPO,
	.opts = opts,
	.args_size = sizeof(struct tag_args),
	.run = run,
};
