/* log.c - what was made and what happened to it, newest first. */
#define _GNU_SOURCE
#include "cmd/cmd.h"
#include "cmd/moved.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/catalog/history.h"
#include "lib/catalog/scope.h"
#include "lib/cli/grid.h"
#include "lib/cli/plain.h"
#include "lib/cli/rails.h"
#include "lib/cli/term.h"
#include "lib/make/pick.h"
#include "lib/record/head.h"
#include "lib/record/lineage.h"
#include "lib/record/release/release.h"
#include "lib/record/repo.h"

struct log_args {
	const char *name;
	int64_t number;
	bool graph, json;
};

static const struct opt opts[] = {
	OPT_INT('n', "number", struct log_args, number, "N", NULL, "the newest N versions only"),
	OPT_FLAG(0, "graph", struct log_args, graph,
		 "draw what was made from what beside the list"),
	OPT_JSON(struct log_args),
	OPERAND("name", struct log_args, name, OPTIONAL, COMP_VERSION,
		"a kind, an artifact or a version; everything when left out"),
	OPT_END
};

/* "A U Thor" of "A U Thor <author@example.com>". */
static int name_length(const char *user)
{
	const char *mail = strstr(user, " <");

	return mail ? (int)(mail - user) : (int)strlen(user);
}

static enum term_style state_style(const struct version *v)
{
	if (!strcmp(v->build, "good"))
		return strcmp(v->life, "active") != 0 ? STYLE_YELLOW : STYLE_GREEN;
	return !strcmp(v->build, "running") ? STYLE_BLUE : STYLE_RED;
}

static char *state_text(const struct version *v)
{
	return xasprintf("%s%s%s%s%s", v->build, strcmp(v->life, "active") != 0 ? ", " : "",
			 strcmp(v->life, "active") != 0 ? v->life : "", v->dirty ? ", dirty" : "",
			 v->collected ? ", collected" : "");
}

static void add_time(struct grid *g, int64_t ms)
{
	char iso[CLOCK_ISO_BYTES];

	clock_iso(ms, iso);
	grid_cellf(g, "%.10s %.5s", iso, iso + 11);
	grid_style(g, STYLE_DIM);
}

static void add_version(struct grid *g, const struct version *v, const struct history_metric *m)
{
	char *ref = version_ref(v), *state = state_text(v);

	add_time(g, v->finished_ms);
	grid_cell(g, ref);
	grid_style(g, STYLE_BOLD);
	grid_cell(g, state);
	grid_style(g, state_style(v));
	if (m->key)
		grid_cellf(g, "%s %.6g", m->key, m->value);
	else
		grid_cell(g, "");
	grid_cellf(g, "%.*s", name_length(v->user), v->user);
	free(ref);
	free(state);
}

static void add_event(struct grid *g, const struct history_event *e)
{
	char *text = history_event_text(e);

	add_time(g, e->at_ms);
	grid_cell(g, e->ref);
	grid_cell(g, e->type);
	grid_cell(g, text);
	grid_cellf(g, "%.*s", name_length(e->user), e->user);
	free(text);
}

static void print_list(const struct history *h)
{
	struct grid g;
	size_t e = 0;

	grid_init(&g, 5);
	for (size_t i = 0; i < 5; i++)
		grid_column(&g, NULL, false);
	for (size_t i = 0; i < h->n; i++) {
		int64_t second =
			h->versions[i].finished_ms / 1000 * 1000; /* all that events know */

		for (; e < h->n_events && h->events[e].at_ms >= second; e++)
			add_event(&g, &h->events[e]);
		add_version(&g, &h->versions[i], &h->metrics[i]);
	}
	for (; e < h->n_events; e++)
		add_event(&g, &h->events[e]);
	grid_print(&g);
	grid_clear(&g);
}

/* One version's lines in the drawing: itself, then its events. */
static void graph_text(const struct history *h, const struct version *v,
		       const struct history_metric *m, struct buf *out)
{
	char *ref = version_ref(v), *state = state_text(v), iso[CLOCK_ISO_BYTES];

	clock_iso(v->finished_ms, iso);
	buf_addf(out, "%s%s%s  %s%s%s", term_style(STYLE_BOLD), ref, term_style(STYLE_PLAIN),
		 term_style(state_style(v)), state, term_style(STYLE_PLAIN));
	if (m->key)
		buf_addf(out, "  %s %.6g", m->key, m->value);
	buf_addf(out, "  %.10s %.5s  ", iso, iso + 11);
	plain_add(v->user, (size_t)name_length(v->user), 0, out);
	buf_addch(out, '\n');
	for (size_t i = 0; i < h->n_events; i++) {
		const struct history_event *e = &h->events[i];
		char *text;

		if (strcmp(e->version, v->id) != 0)
			continue;
		text = history_event_text(e);
		buf_addf(out, "    %s%s", e->type, *text ? ": " : "");
		plain_add(text, strlen(text), 0, out);
		buf_addch(out, '\n');
		free(text);
	}
	free(ref);
	free(state);
}

/* The nodes of g are the versions of h, in their order. */
static void draw(const struct history *h, const struct graph *g, struct buf *out)
{
	size_t *order = xcalloc(g->n + 1, sizeof *order),
	       *parents = xcalloc(g->n_edges + 1, sizeof *parents);
	struct rails r = RAILS_INIT;
	struct buf text = BUF_INIT;

	graph_order(g, order);
	for (size_t i = 0; i < g->n; i++) {
		const struct graph_node *node = &g->nodes[order[i]];
		size_t n = 0;

		for (int64_t e = node->out; e != GRAPH_NONE; e = g->edges[e].next_out) {
			size_t to = g->edges[e].to, j = 0;

			while (j < n && parents[j] != to)
				j++;
			if (j == n)
				parents[n++] = to;
		}
		buf_reset(&text);
		graph_text(h, &node->v, &h->metrics[order[i]], &text);
		rails_item(&r, order[i], parents, n, text.data, out);
	}
	rails_clear(&r);
	buf_clear(&text);
	free(order);
	free(parents);
}

static int print_graph(struct repo *repo, struct history *h)
{
	struct buf out = BUF_INIT, cut = BUF_INIT;
	struct graph g;
	int rc = lineage_among(repo_index(repo), h->versions, h->n, &g);

	if (rc < 0)
		return rc;
	draw(h, &g, &out);
	grid_cut(out.data, term_stdout()->columns, &cut);
	fwrite(cut.data, 1, cut.len, stdout);
	graph_clear(&g);
	buf_clear(&cut);
	buf_clear(&out);
	return 0;
}

static int print_json(struct repo *repo, const struct history *h)
{
	json_t *all = json_array(), *one;
	int rc;

	for (size_t i = 0; i < h->n; i++) {
		if ((rc = head_json(repo, &h->versions[i], &one)) < 0) {
			json_decref(all);
			return rc;
		}
		json_array_append_new(all, one);
	}
	return cmd_json(all);
}

static int show(struct repo *repo, const struct log_args *args, const struct history_query *q)
{
	struct history h;
	int rc = history_read(repo_index(repo), q, &h);

	if (rc < 0)
		return rc;
	if (args->json)
		rc = print_json(repo, &h);
	else if (args->graph)
		rc = print_graph(repo, &h);
	else
		print_list(&h);
	history_clear(&h);
	return rc;
}

/* "maps/eta": what was released under the name, and what was moved. 1: it is one. */
static int show_released(struct repo *repo, const struct log_args *args)
{
	char *space = NULL, *name = NULL;
	struct stage *v = NULL;
	size_t n = 0;
	int rc = 0;

	if (!args->name || strchr(args->name, '@') || !strchr(args->name, '/') ||
	    release_parse_name(args->name, &space, &name) < 0) {
		error_clear();
		return 0;
	}
	rc = stage_history(repo, space, name, NULL, &v, &n);
	if (rc == 0 && n) {
		rc = moved_print(repo, v,
				 args->number && (size_t)args->number < n ? (size_t)args->number
									  : n,
				 args->json);
		rc = rc < 0 ? rc : 1;
	}
	stage_list_free(v, n);
	free(space);
	free(name);
	return rc;
}

static int run(struct repo *repo, const void *p)
{
	const struct log_args *args = p;
	struct version v = VERSION_INIT;
	struct scope scope = SCOPE_INIT;
	int rc;

	if (args->number < 0)
		return error_set(ERR_USAGE, "a number of versions cannot be %lld",
				 (long long)args->number);
	if ((rc = show_released(repo, args)) != 0)
		return rc < 0 ? rc : 0;
	if (args->name && strchr(args->name, '@'))
		rc = pick_version(repo, NULL, args->name, &v);
	else
		rc = scope_find(repo_index(repo), args->name, &scope);
	if (rc == 0)
		rc = show(repo, args,
			  &(struct history_query){ .kind = scope.kind,
						   .name = scope.name,
						   .id = v.kind ? v.id : NULL,
						   .limit = args->number });
	version_clear(&v);
	scope_clear(&scope);
	return rc;
}

const struct cmd cmd_log = {
	.name = "log",
	.summary = "show what was made and what happened to it, newest first",
	.group = GROUP_LOOK,
	.flags = CMD_READS | CMD_PAGER,
	.opts = opts,
	.args_size = sizeof(struct log_args),
	.run = run,
};
