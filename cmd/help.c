/* help.c - the commands by what they are for, and the manual page of one. */
#define _GNU_SOURCE
#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/cli/usage.h"
#include "lib/learn/net_params.h"
#include "lib/spec/key.h"
#include "lib/spec/settings.h"

struct help_args {
	bool all, names, scd;
	struct strlist words;
};

static const struct opt opts[] = {
	OPT_FLAG('a', "all", struct help_args, all, "list the commands for scripts too"),
	OPT_FLAG(0, "names", struct help_args, names,
		 "print the names of all commands, one a line"),
	OPT_FLAG(0, "scd", struct help_args, scd, "print the manual page's synopsis and options"),
	OPERAND("topic", struct help_args, words, ANY, COMP_COMMAND,
		"a command, Michfile for the file's keys, or learners for their parameters"),
	OPT_END
};

static const char *const titles[] = {
	[GROUP_START] = "start a repository",
	[GROUP_MAKE] = "make data sets, models and measurements",
	[GROUP_LOOK] = "examine what was made",
	[GROUP_RELEASE] = "release and serve",
	[GROUP_RECORD] = "annotate, mark and remove",
	[GROUP_CARE] = "look after the repository and the installation",
	[GROUP_PLUMBING] = "for scripts",
};

static void list_group(enum cmd_group group, struct buf *out)
{
	bool first = true;

	for (size_t i = 0; i < cmd_count; i++) {
		if (cmd_table[i]->group != group)
			continue;
		if (first)
			buf_addf(out, "\n%s\n", titles[group]);
		first = false;
		usage_row(cmd_table[i]->name, cmd_table[i]->summary, 16, out);
	}
}

static void list_all(bool plumbing)
{
	struct buf b = BUF_INIT;

	buf_addstr(&b, "usage: mich [-C DIR] [--no-pager] [--version] COMMAND [...]\n");
	for (int g = 0; g < (int)ARRAY_LEN(titles); g++)
		if (g != GROUP_PLUMBING || plumbing)
			list_group((enum cmd_group)g, &b);
	buf_addstr(&b, "\n'mich help COMMAND' and 'mich help Michfile' say more.\n");
	fwrite(b.data, 1, b.len, stdout);
	buf_clear(&b);
}

static int print_scd(const struct cmd *cmd)
{
	struct buf b = BUF_INIT;
	char *name = xasprintf("mich %s", cmd->name);

	usage_scd(name, cmd->opts, &b);
	fwrite(b.data, 1, b.len, stdout);
	free(name);
	buf_clear(&b);
	return 0;
}

/* PREFIX/share/man or the build folder's man/, beside the program. Caller frees; NULL: none. */
static char *find_page(const char *page, int section)
{
	char self[4096], *path = NULL;
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	if (n < 0)
		return NULL;
	self[n] = '\0';
	*(char *)path_base(self) = '\0';
	for (int i = 0; i < 2 && !path; i++) {
		path = i ? xasprintf("%sman/man%d/%s.%d", self, section, page, section)
			 : xasprintf("%s../share/man/man%d/%s.%d", self, section, page, section);
		if (!file_exists(path)) {
			free(path);
			path = NULL;
		}
	}
	return path;
}

/* Become man(1) on the page. Comes back when the page or man is not there. */
static void show_page(const char *page, int section)
{
	char *path = find_page(page, section);

	if (!path)
		return;
	fflush(NULL);
	execlp("man", "man", path, (char *)NULL);
	free(path);
}

/* "dataset build", or its page's name "dataset-build". */
static const struct cmd *find(const char *name)
{
	const struct cmd *cmd = cmd_find(name);
	char *words = xstrdup(name), *dash = strchr(words, '-');

	if (!cmd && dash) {
		*dash = ' ';
		cmd = cmd_find(words);
	}
	free(words);
	return cmd;
}

static int help_command(const char *name, bool scd)
{
	const struct cmd *cmd = find(name);
	char *page;

	if (!cmd) {
		const char *near = cmd_nearest(name);

		error_set(ERR_USAGE, "no help on '%s'", name);
		return near ? error_hint(ERR_USAGE, "did you mean 'mich help %s'?", near)
			    : error_hint(ERR_USAGE, "mich help --all");
	}
	if (scd)
		return print_scd(cmd);
	page = xasprintf("mich-%s", cmd->name);
	for (char *c = page; *c; c++)
		if (*c == ' ')
			*c = '-';
	show_page(page, 1);
	free(page);
	return cmd_usage(cmd, stdout);
}

/* The keys by section, where the page is not installed. */
static void list_keys(struct buf *out)
{
	for (int kind = 0; kind < SPEC_KINDS; kind++) {
		buf_addf(out, "%s[%s \"NAME\"]\n", kind ? "\n" : "",
			 spec_kind_name((enum spec_kind)kind));
		for (size_t i = 0; i < key_count; i++)
			if (key_table[i].kinds >> kind & 1)
				usage_row(key_table[i].name, key_table[i].help, 16, out);
	}
}

static int help_michfile(bool scd)
{
	struct buf b = BUF_INIT;

	if (scd) {
		buf_addstr(&b, "@keys@\n");
		spec_write_scd(&b);
		buf_addstr(&b, "@settings@\n");
		settings_write_scd(&b);
	} else {
		show_page("michfile", 5);
		list_keys(&b);
	}
	fwrite(b.data, 1, b.len, stdout);
	buf_clear(&b);
	return 0;
}

/* The parameters of the nets; XGBoost's are its own. */
static int help_learners(bool scd)
{
	const char *name, *help;
	struct buf b = BUF_INIT;

	if (scd) {
		buf_addstr(&b, "@net@\n");
		net_params_write_scd(&b);
	} else {
		show_page("mich-learners", 7);
		for (size_t i = 0; net_params_about(i, &name, &help); i++)
			usage_row(name, help, 16, &b);
	}
	fwrite(b.data, 1, b.len, stdout);
	buf_clear(&b);
	return 0;
}

static int run(struct repo *repo, const void *p)
{
	const struct help_args *args = p;
	struct buf name = BUF_INIT;
	int rc;

	(void)repo;
	for (size_t i = 0; args->names && i < cmd_count; i++)
		printf("%s\n", cmd_table[i]->name);
	if (args->names)
		return 0;
	if (!args->words.n && args->scd) {
		printf("@version@\n%s\n", MICH_VERSION);
		return 0;
	}
	if (!args->words.n) {
		list_all(args->all);
		return 0;
	}
	for (size_t i = 0; i < args->words.n; i++)
		buf_addf(&name, "%s%s", i ? " " : "", args->words.v[i]);
	if (!strcasecmp(name.data, "michfile"))
		rc = help_michfile(args->scd);
	else if (!strcasecmp(name.data, "learners") || !strcmp(name.data, "mich-learners"))
		rc = help_learners(args->scd);
	else
		rc = help_command(name.data, args->scd);
	buf_clear(&name);
	return rc;
}

const struct cmd cmd_help = {
	.name = "help",
	.summary = "list the commands, or explain one",
	.group = GROUP_CARE,
	.opts = opts,
	.args_size = sizeof(struct help_args),
	.run = run,
};
