/* deps.c - what a version was made from, and what was made with it. */
#define _GNU_SOURCE
#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "lib/cli/plain.h"
#include "lib/cli/term.h"
#include "lib/make/pick.h"
#include "lib/record/lineage.h"
#include "lib/record/release/release.h"
#include "lib/record/repo.h"

struct deps_args {
	const char *name;
	bool down, dot, json;
};

static const struct opt opts[] = {
	OPT_FLAG(0, "down", struct deps_args, down, "what was made with it instead"),
	OPT_FLAG(0, "dot", struct deps_args, dot, "print a graph for graphviz"),
	OPT_JSON(struct deps_args),
	OPERAND("version", struct deps_args, name, ONE, COMP_VERSION,
		"where to begin; with --down also the path of an imported file"),
	OPT_END
};

enum { SHORT_HEX = 12 };

static void label(void *payload, const struct graph_node *n, const char *role, struct buf *out)
{
	struct repo *repo = payload;
	char *released;

	buf_addstr(out, term_style(n->source ? STYLE_PLAIN : STYLE_BOLD));
	plain_add(n->ref, strlen(n->ref), 0, out);
	buf_addstr(out, term_style(STYLE_PLAIN));
	if (*role)
		buf_addf(out, "  as %s", role);
	if (n->source) {
		buf_addf(out, "  source %.*s%s", SHORT_HEX, n->v.content,
			 n->kept ? "" : ", not under version control");
		return;
	}
	if (strcmp(n->v.build, "good") != 0)
		buf_addf(out, "  %s%s%s", term_style(STYLE_RED), n->v.build,
			 term_style(STYLE_PLAIN));
	if (strcmp(n->v.life, "active") != 0)
		buf_addf(out, "  %s", n->v.life);
	if (n->v.dirty)
		buf_addstr(out, "  dirty");
	if (n->v.collected)
		buf_addstr(out, "  collected");
	released = release_text_of(repo_index(repo), n->v.id);
	if (*released) {
		buf_addstr(out, "  ");
		plain_add(released, strlen(released), 0, out);
	}
	free(released);
}

static void print(struct repo *repo, const struct graph *g, const struct deps_args *args)
{
	struct buf out = BUF_INIT;

	if (args->dot)
		graph_dot(g, &out);
	else
		graph_tree(g, args->down, label, repo, &out);
	fwrite(out.data, 1, out.len, stdout);
	buf_clear(&out);
}

/* Each version's releases as well. */
static json_t *released_json(struct repo *repo, const struct graph *g)
{
	json_t *out = graph_json(g), *nodes = json_object_get(out, "nodes");

	for (size_t i = 0; i < g->n; i++)
		if (!g->nodes[i].source)
			json_object_set_new(json_array_get(nodes, i), "releases",
					    release_json_of(repo_index(repo), g->nodes[i].v.id));
	return out;
}

static int walk(struct repo *repo, const struct deps_args *args, struct graph *g)
{
	struct version v = VERSION_INIT;
	int rc;

	/* a path is told from a name by its dot or its second slash, which no name has */
	if (args->down && !strchr(args->name, '@') && strpbrk(args->name, "."))
		return lineage_of_source(repo_index(repo), args->name, g);
	if ((rc = pick_version(repo, NULL, args->name, &v)) == 0)
		rc = lineage_walk(repo_index(repo), repo, &v, args->down, g);
	version_clear(&v);
	return rc;
}

static int run(struct repo *repo, const void *p)
{
	const struct deps_args *args = p;
	struct graph g;
	int rc;

	if (args->dot && args->json)
		return error_set(ERR_USAGE, "--dot and --json are two answers: give one");
	if ((rc = walk(repo, args, &g)) < 0)
		return rc;
	if (args->json)
		cmd_json(released_json(repo, &g));
	else
		print(repo, &g, args);
	graph_clear(&g);
	return 0;
}

const struct cmd cmd_deps = {
	.name = "deps",
	.summary = "show what a version was made from, or what was made with it",
	.group = GROUP_LOOK,
	.flags = CMD_READS | CMD_PAGER,
	.opts = opts,
	.args_size = sizeof(struct deps_args),
	.run = run,
};
