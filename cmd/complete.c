/* complete.c - what may follow the words typed so far; the shells' completions ask it. */
#define _GNU_SOURCE
#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/index/statement.h"
#include "lib/learn/net_params.h"
#include "lib/learn/xgboost/xgboost_params.h"
#include "lib/record/name.h"
#include "lib/record/repo.h"
#include "lib/record/release/stage.h"
#include "lib/spec/key.h"
#include "lib/spec/spec.h"

struct complete_args {
	struct strlist words;
};

static const struct opt opts[] = {
	OPERAND("word", struct complete_args, words, ANY, COMP_NONE,
		"the words behind 'mich', the last one being typed; put -- before them"),
	OPT_END
};

struct typed {
	char *const *w; /* words behind the command's name, but for the last */
	size_t n;
	const char *cur;     /* the one being typed */
	const char *name;    /* the first operand; NULL: none yet */
	enum spec_kind kind; /* of what it names */
	struct repo *repo;
};

static void offer(const struct typed *t, const char *word, const char *help)
{
	if (!strncmp(word, t->cur, strlen(t->cur)))
		printf("%s\t%s\n", word, help ? help : "");
}

/* --- commands ------------------------------------------------------------------------------ */

/* The next word of every command that begins with the words of before ("" or "dataset "). */
static void offer_commands(const struct typed *t, const char *before)
{
	size_t n = strlen(before);
	struct strlist seen = STRLIST_INIT;

	for (size_t i = 0; i < cmd_count; i++) {
		const struct cmd *c = cmd_table[i];
		size_t len = strncmp(c->name, before, n) ? 0 : strcspn(c->name + n, " ");
		char *word = xstrndup(len ? c->name + n : "", len);
		bool last = len && !c->name[n + len];

		if (len && (c->group != GROUP_PLUMBING || *t->cur) && !strlist_has(&seen, word)) {
			offer(t, word, last ? c->summary : "has commands of its own");
			strlist_add(&seen, word);
		}
		free(word);
	}
	strlist_clear(&seen);
}

static void offer_globals(const struct typed *t)
{
	offer(t, "-C", "run as if started in a folder");
	offer(t, "--no-pager", "do not start a pager");
	offer(t, "--version", "print the version");
	offer(t, "--help", "list the commands");
}

/* --- names --------------------------------------------------------------------------------- */

/* Artifacts of the record and of the Michfile as "kind/name", sorted, each once. */
static void artifacts(const struct typed *t, struct strlist *out)
{
	struct statement *st = NULL;
	struct spec *spec = NULL;
	struct strlist all = STRLIST_INIT;
	const char *top = t->repo ? repo_workdir(t->repo) : ".";
	char *path = top ? xasprintf("%s/Michfile", top) : NULL;

	if (t->repo &&
	    statement_open(repo_index(t->repo), "SELECT kind, name FROM artifact", &st) == 0)
		while (statement_step(st) == 1)
			strlist_addf(&all, "%s/%s", statement_text(st, 0), statement_text(st, 1));
	statement_close(st);
	if (path && spec_load(path, &spec) == 0)
		for (size_t i = 0; i < spec->n; i++)
			strlist_addf(&all, "%s/%s", spec_kind_name(spec->v[i]->kind),
				     spec->v[i]->name);
	spec_free(spec);
	free(path);
	strlist_sort(&all);
	for (size_t i = 0; i < all.n; i++)
		if (!i || strcmp(all.v[i], all.v[i - 1]) != 0)
			strlist_add(out, all.v[i]);
	strlist_clear(&all);
}

static bool only_of_its_name(const struct strlist *all, const char *name)
{
	int n = 0;

	for (size_t i = 0; i < all->n; i++)
		n += !strcmp(strchr(all->v[i], '/') + 1, name);
	return n == 1;
}

/* Names of one kind, or of all: short where that is enough, with the kind where it is typed. */
static void offer_names(const struct typed *t, const char *kind)
{
	struct strlist all = STRLIST_INIT;

	artifacts(t, &all);
	for (size_t i = 0; i < all.n; i++) {
		const char *name = strchr(all.v[i], '/') + 1;
		char *its = xstrndup(all.v[i], (size_t)(name - all.v[i] - 1));

		if (!kind || !strcmp(kind, its)) {
			bool plain = kind || only_of_its_name(&all, name);

			if (plain)
				offer(t, name, its);
			if (!plain || (*t->cur && !kind))
				offer(t, all.v[i], its);
		}
		free(its);
	}
	strlist_clear(&all);
}

/* NAMESPACE/NAME of each that is. */
static void offer_released(const struct typed *t)
{
	static const char SELECT[] = "SELECT DISTINCT space || '/' || name FROM release ORDER BY 1";
	struct statement *st = NULL;

	if (t->repo && statement_open(repo_index(t->repo), SELECT, &st) == 0)
		while (statement_step(st) == 1)
			offer(t, statement_text(st, 0), "released");
	statement_close(st);
}

static void offer_stages(const struct typed *t)
{
	struct strlist known = STRLIST_INIT;

	if (t->repo && stage_known(t->repo, &known) == 0)
		for (size_t i = 0; i < known.n; i++)
			offer(t, known.v[i], "stage");
	strlist_clear(&known);
}

/* "maps/eta@" or "eta@": stages that hold something, and releases. */
static void offer_releases(const struct typed *t, const char *name)
{
	static const char SELECT[] =
		"SELECT stage, major || '.' || minor FROM stage WHERE space || '/' || name = ?1"
		" UNION ALL SELECT major || '.' || minor, 'release' FROM release"
		" WHERE space || '/' || name = ?1";
	struct statement *st = NULL;

	if (t->repo && statement_open(repo_index(t->repo), SELECT, &st) == 0) {
		statement_bind_text(st, 1, name);
		while (statement_step(st) == 1) {
			char *word = xasprintf("%s@%s", name, statement_text(st, 0));

			offer(t, word, statement_text(st, 1));
			free(word);
		}
	}
	statement_close(st);
}

/* A namespace stands before the slash. */
static bool is_released(const char *name)
{
	size_t n = strcspn(name, "/");
	char *first = xstrndup(name, n);
	bool released = name[n] && !name_is_kind(first);

	free(first);
	return released;
}

/* "eta@" and what may stand there: numbers, newest first, and latest. */
static void offer_revisions(const struct typed *t)
{
	static const char SELECT[] =
		"SELECT number, build || CASE WHEN life = 'active' THEN '' ELSE ', ' || life END"
		" FROM version WHERE (kind || '/' || name = ?1 OR name = ?1) AND number > 0"
		" ORDER BY number DESC LIMIT 50";
	size_t n = strcspn(t->cur, "@");
	char *name = xstrndup(t->cur, n), *word;
	struct statement *st = NULL;

	if (t->repo && statement_open(repo_index(t->repo), SELECT, &st) == 0) {
		statement_bind_text(st, 1, name);
		while (statement_step(st) == 1) {
			word = xasprintf("%s@%s", name, statement_text(st, 0));
			offer(t, word, statement_text(st, 1));
			free(word);
		}
	}
	statement_close(st);
	offer_releases(t, name);
	word = xasprintf("%s@latest", name);
	if (!is_released(name))
		offer(t, word, "the highest good version");
	free(word);
	free(name);
}

/* --- values, options, operands -------------------------------------------------------------- */

static void offer_choices(const struct typed *t, const char *list)
{
	struct strlist words = STRLIST_INIT;

	strlist_split(&words, list, "|");
	for (size_t i = 0; i < words.n; i++)
		offer(t, words.v[i], NULL);
	strlist_clear(&words);
}

/* "KEY=", or once that is typed, with each of its words. */
static void offer_key(const struct typed *t, const char *key, const char *choices, const char *help)
{
	size_t n = strlen(key);
	struct strlist words = STRLIST_INIT;

	if (choices && !strncmp(t->cur, key, n) && t->cur[n] == '=')
		strlist_split(&words, choices, "|");
	else
		strlist_add(&words, "");
	for (size_t i = 0; i < words.n; i++) {
		char *word = xasprintf("%s=%s", key, words.v[i]);

		offer(t, word, help);
		free(word);
	}
	strlist_clear(&words);
}

static bool known(const char *param, bool net)
{
	const char *name, *help;

	for (size_t i = 0;
	     net ? net_params_about(i, &name, &help) : xgboost_params_about(i, &name, &help); i++)
		if (!strcmp(name, param))
			return true;
	return false;
}

/* What the learner knows, and what the section gives it or a command. */
static void offer_params(const struct typed *t, const struct spec_node *node)
{
	const char *learner = node->learner ? node->learner : "", *name, *help;
	bool linear = !strcmp(learner, "linear"), net = linear || !strcmp(learner, "net");
	json_t *v;

	for (size_t i = 0; net && net_params_about(i, &name, &help); i++)
		if (!linear || net_params_is_linear(i))
			offer_key(t, name, net_params_choices(i), help);
	for (size_t i = 0; !strcmp(learner, "xgboost") && xgboost_params_about(i, &name, &help);
	     i++)
		offer_key(t, name, NULL, help);
	json_object_foreach(node->params, name, v)
		if (!*learner || !known(name, net))
			offer_key(t, name, NULL, "a parameter of its section");
}

static void offer_settings(const struct typed *t)
{
	const char *top = t->repo ? repo_workdir(t->repo) : ".";
	char *path = top ? xasprintf("%s/Michfile", top) : NULL;
	const struct spec_node *node = NULL;
	struct spec *spec = NULL;

	if (path && t->name && spec_load(path, &spec) == 0)
		node = spec_find(spec, t->kind,
				 strchr(t->name, '/') ? strchr(t->name, '/') + 1 : t->name);
	for (size_t i = 0; i < key_count; i++)
		if (key_table[i].kinds & 1u << t->kind && key_table[i].type != KEY_PARAM)
			offer_key(t, key_table[i].name, key_table[i].choices, key_table[i].help);
	if (node && node->kind == SPEC_MODEL)
		offer_params(t, node);
	spec_free(spec);
	free(path);
}

static void offer_kinds(const struct typed *t)
{
	for (int k = 0; k < SPEC_KINDS; k++)
		offer(t, spec_kind_name((enum spec_kind)k), NULL);
}

static void offer_value(const struct typed *t, const struct opt *o)
{
	const char *kind = o->comp == COMP_MODEL     ? "model"
			   : o->comp == COMP_DATASET ? "dataset"
						     : NULL;

	switch (o->comp) {
	case COMP_FILE:
		puts(":file");
		break;
	case COMP_DIR:
		puts(":dir");
		break;
	case COMP_KIND:
		offer_kinds(t);
		break;
	case COMP_COMMAND:
		offer_commands(t, "");
		break;
	case COMP_SETTING:
		offer_settings(t);
		break;
	case COMP_CHOICE:
		offer_choices(t, o->choices);
		break;
	case COMP_STAGE:
		offer_stages(t);
		break;
	case COMP_RELEASED:
		offer_released(t);
		break;
	case COMP_NAME:
		offer_names(t, NULL);
		offer_released(t);
		break;
	case COMP_VERSION:
	case COMP_MODEL:
	case COMP_DATASET:
		if (strchr(t->cur, '@')) {
			offer_revisions(t);
			break;
		}
		offer_names(t, kind);
		if (o->comp != COMP_DATASET)
			offer_released(t);
		break;
	case COMP_NONE:
		break;
	}
}

static void offer_options(const struct typed *t, const struct opt *o)
{
	for (; o->type; o++) {
		char *word = o->name ? xasprintf("--%s", o->name) : xasprintf("-%c", o->letter);

		if (o->type != OPT_TYPE_OPERAND)
			offer(t, word, o->help);
		free(word);
	}
	offer(t, "--help", "print the synopsis and the options");
}

static bool takes_value(const struct opt *o)
{
	return o && o->type != OPT_TYPE_FLAG && o->type != OPT_TYPE_COUNT;
}

/* "--format=js" is completed as its value, with the name kept before it. */
static bool offer_joined(const struct typed *t, const struct opt *table)
{
	const char *eq = strchr(t->cur, '=');
	const struct opt *o = eq && !strncmp(t->cur, "--", 2) ? opt_find(table, t->cur) : NULL;
	struct strlist words = STRLIST_INIT;

	if (!o || !o->choices)
		return eq != NULL && o;
	strlist_split(&words, o->choices, "|");
	for (size_t i = 0; i < words.n; i++) {
		char *word = xasprintf("%.*s=%s", (int)(eq - t->cur), t->cur, words.v[i]);

		offer(t, word, NULL);
		free(word);
	}
	strlist_clear(&words);
	return true;
}

static const struct opt *nth_operand(const struct opt *o, size_t n)
{
	const struct opt *found = NULL;

	for (; o->type; o++)
		if (o->type == OPT_TYPE_OPERAND) {
			found = o;
			if (!n-- || o->arity == MANY || o->arity == ANY)
				return o;
		}
	return found && (found->arity == MANY || found->arity == ANY) ? found : NULL;
}

static void complete_command(struct typed *t, const struct opt *table)
{
	const struct opt *wants = NULL, *o;
	size_t operands = 0;
	bool plain = false; /* "--" was typed */

	for (size_t i = 0; i < t->n; i++) {
		const char *w = t->w[i];

		if (wants) {
			wants = NULL;
		} else if (!plain && !strcmp(w, "--")) {
			plain = true;
		} else if (!plain && w[0] == '-' && w[1]) {
			o = opt_find(table, w);
			wants = takes_value(o) && !strchr(w, '=') ? o : NULL;
		} else if (!operands++) {
			t->name = w;
		}
	}
	o = nth_operand(table, 0);
	t->kind = o && o->comp == COMP_DATASET ? SPEC_DATASET : SPEC_MODEL;
	if (wants)
		offer_value(t, wants);
	else if (plain || t->cur[0] != '-')
		(o = nth_operand(table, operands)) ? offer_value(t, o) : (void)0;
	else if (!offer_joined(t, table))
		offer_options(t, table);
}

/* The words that name the command, as many as do; *used says how many. */
static const struct cmd *named(char *const *w, size_t n, size_t *used)
{
	struct buf name = BUF_INIT;
	const struct cmd *found = NULL, *c;

	for (size_t i = 0; i < n; i++) {
		buf_addf(&name, "%s%s", i ? " " : "", w[i]);
		c = cmd_find(name.data);
		if (c) {
			found = c;
			*used = i + 1;
		}
	}
	buf_clear(&name);
	return found;
}

static int run(struct repo *repo, const void *p)
{
	const struct complete_args *args = p;
	struct typed t = { .w = args->words.v, .repo = repo, .cur = "" };
	struct buf before = BUF_INIT;
	const struct cmd *cmd;
	size_t used = 0;

	if (args->words.n) {
		t.n = args->words.n - 1;
		t.cur = args->words.v[t.n];
	}
	while (t.n && t.w[0][0] == '-') { /* mich's own options */
		size_t skip = !strcmp(t.w[0], "-C") && t.n > 1 ? 2 : 1;

		if (t.n == 1 && !strcmp(t.w[0], "-C")) {
			puts(":dir");
			return 0;
		}
		t.w += skip;
		t.n -= skip;
	}
	cmd = named(t.w, t.n, &used);
	if (cmd) {
		t.w += used;
		t.n -= used;
		complete_command(&t, cmd->opts);
		return 0;
	}
	for (size_t i = 0; i < t.n; i++)
		buf_addf(&before, "%s ", t.w[i]);
	if (!t.n && t.cur[0] == '-')
		offer_globals(&t);
	else
		offer_commands(&t, before.data);
	buf_clear(&before);
	return 0;
}

const struct cmd cmd_complete = {
	.name = "complete",
	.summary = "print what may follow the words typed so far",
	.group = GROUP_PLUMBING,
	.flags = CMD_READS | CMD_OPTIONAL_REPO,
	.opts = opts,
	.args_size = sizeof(struct complete_args),
	.run = run,
};
