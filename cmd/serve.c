/* serve.c - mich serve: hand over to mich-serve, which has libh2o. */
#define _GNU_SOURCE
#include "cmd/serve.h"
#include "cmd/cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/engine.h"
#include "lib/base/mem.h"

/* Every option as one word, "--name=value", so that mich-serve reads what was read here. */
static void put_option(const struct opt *o, const void *args, struct strlist *out)
{
	const char *at = (const char *)args + o->at;
	const struct strlist *list;

	switch (o->type) {
	case OPT_TYPE_FLAG:
		if (*(const bool *)at)
			strlist_addf(out, "--%s", o->name);
		break;
	case OPT_TYPE_INT:
		strlist_addf(out, "--%s=%lld", o->name, (long long)*(const int64_t *)at);
		break;
	case OPT_TYPE_SPAN:
		strlist_addf(out, "--%s=%g", o->name, (double)*(const int64_t *)at / 1000);
		break;
	case OPT_TYPE_DOUBLE:
		strlist_addf(out, "--%s=%.17g", o->name, *(const double *)at);
		break;
	case OPT_TYPE_LIST:
		list = (const struct strlist *)at;
		for (size_t i = 0; i < list->n; i++)
			strlist_addf(out, "--%s=%s", o->name, list->v[i]);
		break;
	case OPT_TYPE_OPERAND:
		break;
	default:
		if (*(const char *const *)at)
			strlist_addf(out, "--%s=%s", o->name, *(const char *const *)at);
	}
}

static int run(struct repo *repo, const void *payload)
{
	const struct serve_args *args = payload;
	struct strlist words = STRLIST_INIT;
	char *program = engine_libexec("mich-serve");
	int rc;

	(void)repo;
	strlist_add(&words, "mich-serve");
	for (const struct opt *o = serve_opts; o->type != OPT_TYPE_END; o++)
		put_option(o, args, &words);
	strlist_add(&words, "--");
	for (size_t i = 0; i < args->models.n; i++)
		strlist_add(&words, args->models.v[i]);
	execv(program, words.v);
	if (errno == ENOENT)
		rc = error_hint(error_set(ERR_ENGINE,
					  "this mich was built without its server: "
					  "there is no '%s'",
					  program),
				"install libh2o-evloop-dev and build again: make deps && make");
	else
		rc = error_errno("cannot run '%s'", program);
	strlist_clear(&words);
	free(program);
	return rc;
}

const struct cmd cmd_serve = {
	.name = "serve",
	.summary = "answer requests over HTTP with models",
	.group = GROUP_RELEASE,
	.opts = serve_opts,
	.args_size = sizeof(struct serve_args),
	.run = run,
};
