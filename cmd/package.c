/* package.c - a version as one file that stands alone. */
#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "lib/make/release/package.h"
#include "lib/make/pick.h"
#include "lib/record/release/release.h"

struct package_args {
	const char *version, *output;
	bool json;
};

static const struct opt opts[] = { OPT_STRING('o', "output", struct package_args, output,
					      "FILE.tar", NULL, COMP_FILE,
					      "where to write it; else NAME-N.tar here"),
				   OPT_JSON(struct package_args),
				   OPERAND("version", struct package_args, version, ONE,
					   COMP_VERSION, "what to pack; a model or a release"),
				   OPT_END };

static int tell(const struct version *v, const char *path, bool as_json)
{
	char hash[HASH_HEX + 1], *ref;
	int64_t bytes;
	int rc = hash_file(path, hash, &bytes);

	if (rc)
		return rc;
	ref = version_ref(v);
	if (as_json)
		rc = cmd_json(json_pack("{s:s,s:s,s:s,s:s,s:I}", "ref", ref, "id", v->id, "path",
					path, "sha256", hash, "bytes", (json_int_t)bytes));
	else
		printf("%s  %s\n", hash, path);
	free(ref);
	return rc;
}

/* The highest release of the version; NULL: none. Caller frees. */
static int find_release(struct repo *repo, const struct version *v, char **out)
{
	struct release *list = NULL;
	size_t n = 0;
	int rc = release_of_version(repo, v->id, &list, &n);

	*out = rc == 0 && n ? release_ref(&list[0]) : NULL;
	release_list_free(list, n);
	return rc;
}

static int run(struct repo *repo, const void *p)
{
	const struct package_args *args = p;
	struct version v = VERSION_INIT;
	char *path = NULL, *release = NULL;
	int rc = pick_version(repo, NULL, args->version, &v);

	if (!rc)
		path = args->output ? xstrdup(args->output)
				    : xasprintf("%s-%lld.tar", v.name, (long long)v.number);
	if (!rc && !path_ends_with(path, ".tar"))
		rc = error_hint(error_set(ERR_USAGE, "'%s' does not end in .tar", path),
				"a package is a plain tar file");
	if (!rc)
		rc = find_release(repo, &v, &release);
	if (!rc)
		rc = package_write(repo, &v, release, path);
	if (!rc)
		rc = tell(&v, path, args->json);
	version_clear(&v);
	free(path);
	free(release);
	return rc;
}

const struct cmd cmd_package = {
	.name = "package",
	.summary = "write a version as one file that stands alone",
	.group = GROUP_LOOK,
	.flags = CMD_READS,
	.opts = opts,
	.args_size = sizeof(struct package_args),
	.run = run,
};
