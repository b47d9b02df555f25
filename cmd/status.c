/* status.c - what of the Michfile is current, stale or was never made, and why. */
#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/cli/grid.h"
#include "lib/make/make.h"
#include "lib/record/release/release.h"
#include "lib/record/repo.h"

struct status_args {
	bool json, exit_code;
};

static const struct opt opts[] = { OPT_FLAG(0, "exit-code", struct status_args, exit_code,
					    "exit 1 when something is not current"),
				   OPT_JSON(struct status_args), OPT_END };

static char *node_ref(const struct spec_node *node)
{
	return xasprintf("%s/%s", spec_kind_name(node->kind), node->name);
}

/* What it reads that could not be resolved; NULL: nothing, so that what failed is its own. */
static char *blocker(const struct spec_node *node, const struct strlist *failed)
{
	for (size_t i = 0; i < node->n_ref; i++) {
		char *ref =
			node->ref[i].node && !node->ref[i].rev ? node_ref(node->ref[i].node) : NULL;

		if (ref && strlist_has(failed, ref))
			return ref;
		free(ref);
	}
	return NULL;
}

/* What cannot even be resolved is not current, and the reason is why; the others have theirs. */
static json_t *unresolved(struct repo *repo, const struct spec_node *node, struct strlist *failed)
{
	json_t *because = json_array();
	struct version v = VERSION_INIT;
	char *ref = node_ref(node), *on = blocker(node, failed), *why;
	json_t *row;

	why = on ? xasprintf("%s is not current", on) : xstrdup(error_text());
	json_array_append_new(because, json_string(why));
	if (!on && *error_hint_text())
		json_array_append_new(because, json_string(error_hint_text()));
	row = json_pack("{s:s,s:s,s:s,s:o,s:[]}", "ref", ref, "state",
			version_find(repo, spec_kind_name(node->kind), node->name, &v) ? "never"
										       : "stale",
			"life", "active", "because", because, "releases");
	error_clear();
	strlist_take(failed, ref);
	version_clear(&v);
	free(why);
	free(on);
	return row;
}

/* What it is released as; of what is stale, what the version before was: that one may be serving. */
static json_t *releases(struct repo *repo, const struct plan_item *it)
{
	return it->version.kind ? release_json_of(repo_index(repo), it->version.id) : json_array();
}

/* Of what is current: whether it may still be used. */
static const char *life(const struct plan_item *it)
{
	return it->state == PLAN_CURRENT && it->version.life ? it->version.life : "active";
}

static json_t *resolved(struct repo *repo, const struct plan_item *it)
{
	char *ref = it->state == PLAN_CURRENT ? version_ref(&it->version) : node_ref(it->node);
	json_t *row =
		json_pack("{s:s,s:s,s:s,s:O,s:o}", "ref", ref, "state", plan_state_name(it->state),
			  "life", life(it), "because", it->because, "releases", releases(repo, it));

	free(ref);
	return row;
}

/* [{"ref","state","life","because","releases"}], in the order of dependency. */
static int collect(struct plan *p, json_t **rows, bool *all_current)
{
	const struct spec *spec = plan_spec(p);
	const struct spec_node **order = NULL;
	struct strlist failed = STRLIST_INIT;
	int rc = spec_order(spec, &order);

	*rows = json_array();
	*all_current = true;
	for (size_t i = 0; !rc && i < spec->n; i++) {
		struct plan_item *it = NULL;

		if (plan_item(p, order[i], &it)) {
			json_array_append_new(*rows, unresolved(plan_repo(p), order[i], &failed));
			*all_current = false;
			continue;
		}
		json_array_append_new(*rows, resolved(plan_repo(p), it));
		*all_current = *all_current && it->state == PLAN_CURRENT;
	}
	strlist_clear(&failed);
	free(order);
	return rc;
}

/* "maps/eta@2.1 is in production", "still" where the recipe is another one by now. */
static void add_releases(const json_t *row, struct buf *out)
{
	json_t *release, *stage;
	bool stale = strcmp(json_str(row, "state", ""), "current") != 0;
	size_t i, k;

	json_array_foreach(json_object_get(row, "releases"), i, release)
		json_array_foreach(json_object_get(release, "stages"), k, stage)
			buf_addf(out, "%s%s is %sin %s", out->len ? "; " : "",
				 json_str(release, "release", ""), stale ? "still " : "",
				 json_string_value(stage));
}

static void print(const json_t *rows)
{
	struct grid g;
	json_t *row, *text;
	size_t i, k;

	grid_init(&g, 3);
	for (int c = 0; c < 3; c++)
		grid_column(&g, "", false);
	json_array_foreach((json_t *)rows, i, row) {
		const char *state = json_str(row, "state", "");
		struct buf why = BUF_INIT;

		json_array_foreach(json_object_get(row, "because"), k, text)
			buf_addf(&why, "%s%s", k ? "; " : "", json_string_value(text));
		if (strcmp(json_str(row, "life", "active"), "active") != 0)
			buf_addf(&why, "it is %s", json_str(row, "life", ""));
		add_releases(row, &why);
		grid_cell(&g, state);
		grid_style(&g, !strcmp(state, "current") ? STYLE_GREEN : STYLE_YELLOW);
		grid_cell(&g, json_str(row, "ref", ""));
		grid_cell(&g, why.data);
		buf_clear(&why);
	}
	grid_print(&g);
	grid_clear(&g);
}

static int run(struct repo *repo, const void *payload)
{
	const struct status_args *args = payload;
	struct plan *p = NULL;
	json_t *rows = NULL;
	bool all_current = true;
	int rc = plan_open(repo, make_ops, &p);

	if (!rc)
		rc = collect(p, &rows, &all_current);
	if (!rc && args->json)
		rc = cmd_json(json_incref(rows));
	else if (!rc)
		print(rows);
	if (!rc && args->exit_code && !all_current)
		rc = error_set(ERR_NO, "not everything is current");
	json_decref(rows);
	plan_close(p);
	return rc;
}

const struct cmd cmd_status = {
	.name = "status",
	.summary = "show what is current, stale or was never made",
	.group = GROUP_MAKE,
	.flags = CMD_READS,
	.opts = opts,
	.args_size = sizeof(struct status_args),
	.run = run,
};
