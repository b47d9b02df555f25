/* mich.c - main: find the command, give it its repository, say what went wrong. */
#define _GNU_SOURCE
#include "cmd/cmd.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/inherited.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/cli/term.h"
#include "lib/cli/usage.h"
#include "lib/launch/process.h"
#include "lib/record/repo.h"

#define COMMAND(x) extern const struct cmd cmd_##x;
#include "cmd/commands.def"
#undef COMMAND

#define COMMAND(x) &cmd_##x,
const struct cmd *const cmd_table[] = {
#include "cmd/commands.def"
};
#undef COMMAND
const size_t cmd_count = ARRAY_LEN(cmd_table);

struct global_args {
	const char *dir;
	bool no_pager, version;
};

static const struct opt global_opts[] = {
	OPT_STRING('C', NULL, struct global_args, dir, "DIR", NULL, COMP_DIR,
		   "run as if started in DIR"),
	OPT_FLAG(0, "no-pager", struct global_args, no_pager, "do not start a pager"),
	OPT_FLAG('v', "version", struct global_args, version, "print the version"), OPT_END
};

enum { MAX_WORDS = 3 }; /* of a command's name */

const struct cmd *cmd_find(const char *name)
{
	for (size_t i = 0; i < cmd_count; i++)
		if (!strcmp(cmd_table[i]->name, name))
			return cmd_table[i];
	return NULL;
}

int cmd_json(json_t *v)
{
	struct buf b = BUF_INIT;

	json_pretty(v, &b);
	json_decref(v);
	fwrite(b.data, 1, b.len, stdout);
	buf_clear(&b);
	return 0;
}

int cmd_usage(const struct cmd *cmd, FILE *out)
{
	struct buf b = BUF_INIT;
	char *name = xasprintf("mich %s", cmd->name);

	usage_help(name, cmd->summary, cmd->opts, &b);
	fwrite(b.data, 1, b.len, out);
	free(name);
	buf_clear(&b);
	return 0;
}

/* The command whose name is the most words of argv; *used says how many. */
static const struct cmd *longest(int argc, char **argv, int *used)
{
	for (int n = argc < MAX_WORDS ? argc : MAX_WORDS; n > 0; n--) {
		struct buf name = BUF_INIT;
		const struct cmd *cmd;

		for (int i = 0; i < n; i++)
			buf_addf(&name, "%s%s", i ? " " : "", argv[i]);
		cmd = cmd_find(name.data);
		buf_clear(&name);
		*used = n;
		if (cmd)
			return cmd;
	}
	return NULL;
}

/* "dataset" is the first word of "dataset build" and of others. */
static bool in_family(const struct cmd *cmd, const char *word)
{
	size_t n = strlen(word);

	return !strncmp(cmd->name, word, n) && cmd->name[n] == ' ';
}

static bool is_family(const char *word)
{
	for (size_t i = 0; i < cmd_count; i++)
		if (in_family(cmd_table[i], word))
			return true;
	return false;
}

static void list_family(const char *word, FILE *out)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "usage: mich %s COMMAND [...]\n\n", word);
	for (size_t i = 0; i < cmd_count; i++)
		if (in_family(cmd_table[i], word))
			usage_row(cmd_table[i]->name, cmd_table[i]->summary, 20, &b);
	fwrite(b.data, 1, b.len, out);
	buf_clear(&b);
}

const char *cmd_nearest(const char *typed)
{
	const char **names = xcalloc(cmd_count, sizeof *names), *near;

	for (size_t i = 0; i < cmd_count; i++)
		names[i] = cmd_table[i]->name;
	near = strlist_nearest(names, cmd_count, typed);
	free(names);
	return near;
}

static int unknown(const char *typed)
{
	const char *near = cmd_nearest(typed);

	error_set(ERR_USAGE, "'%s' is not a mich command", typed);
	return near ? error_hint(ERR_USAGE, "did you mean 'mich %s'?", near)
		    : error_hint(ERR_USAGE, "mich help");
}

/* "mich dataset", "mich dataset -h", "mich dataset biuld". */
static int run_family(int argc, char **argv)
{
	char *typed;
	int rc;

	if (argc > 1 && (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help"))) {
		list_family(argv[0], stdout);
		return 0;
	}
	if (argc == 1) {
		list_family(argv[0], stderr);
		return error_set(ERR_USAGE, "'mich %s' wants one of its commands", argv[0]);
	}
	typed = xasprintf("%s %s", argv[0], argv[1]);
	rc = unknown(typed);
	free(typed);
	return rc;
}

/* mich-NAME on the PATH is `mich NAME`. Comes back only when there is none. */
static void try_program(char **argv)
{
	char *program;

	if (strchr(argv[0], '/'))
		return;
	program = xasprintf("mich-%s", argv[0]);
	fflush(NULL);
	execvp(program, argv);
	free(program);
}

/* A command that waits says what for. */
static void say_wait(const char *what, void *payload)
{
	(void)payload;
	fprintf(stderr, "waiting for %s: another process writes it\n", what);
}

int cmd_repo(unsigned flags, struct repo **out)
{
	int rc = repo_open(NULL, flags, out);

	if (!rc)
		repo_on_wait(*out, say_wait, NULL);
	return rc;
}

static int open_repo(const struct cmd *cmd, struct repo **out)
{
	int rc;

	*out = NULL;
	if (!(cmd->flags & (CMD_NEEDS_REPO | CMD_READS | CMD_OPTIONAL_REPO)))
		return 0;
	rc = cmd_repo(cmd->flags & CMD_NEEDS_REPO ? REPO_WRITE : REPO_READ, out);
	if (rc == ERR_NOT_FOUND && (cmd->flags & CMD_OPTIONAL_REPO)) {
		error_clear();
		return 0;
	}
	return rc;
}

static int with_repo(const struct cmd *cmd, const void *args)
{
	struct repo *repo = NULL;
	int rc = open_repo(cmd, &repo);

	if (rc == 0)
		rc = cmd->run(repo, args);
	repo_close(repo);
	return rc;
}

static int run_cmd(const struct cmd *cmd, int argc, char **argv)
{
	void *args = xcalloc(1, cmd->args_size ? cmd->args_size : 1);
	int rc = opt_parse(cmd->opts, argc, (const char *const *)argv, args);

	if (rc == OPT_HELP)
		rc = cmd_usage(cmd, stdout);
	else if (rc == ERR_USAGE && !*error_hint_text())
		error_hint(rc, "mich %s --help", cmd->name);
	else if (rc == 0)
		rc = with_repo(cmd, args);
	opt_clear(cmd->opts, args);
	free(args);
	return rc;
}

static int dispatch(int argc, char **argv, bool no_pager, pid_t *pager)
{
	int used = 0;
	const struct cmd *cmd = longest(argc, argv, &used);

	if (cmd) {
		if ((cmd->flags & CMD_PAGER) && !no_pager)
			pager_start(pager);
		return run_cmd(cmd, argc - used, argv + used);
	}
	if (is_family(argv[0]))
		return run_family(argc, argv);
	try_program(argv);
	if (errno != ENOENT)
		return error_errno("cannot run 'mich-%s'", argv[0]);
	return unknown(argv[0]);
}

/* How many words before the command's name are options of mich itself. */
static int leading(int argc, char **argv)
{
	int i = 0;

	while (i < argc && argv[i][0] == '-' && argv[i][1])
		i += !strcmp(argv[i], "-C") && i + 1 < argc ? 2 : 1;
	return i;
}

static int run_line(int argc, char **argv, pid_t *pager)
{
	static char help[] = "help", version[] = "version";
	struct global_args g = { 0 };
	int n = leading(argc, argv), rc = opt_parse(global_opts, n, (const char *const *)argv, &g);
	char *words[] = { rc == OPT_HELP ? help : version, NULL };

	if (rc < 0)
		return *error_hint_text() ? rc : error_hint(rc, "mich help");
	if (g.dir && chdir(g.dir) < 0)
		return error_errno("cannot change to '%s'", g.dir);
	if (rc == OPT_HELP || g.version)
		return dispatch(1, words, g.no_pager, pager);
	if (n == argc) {
		words[0] = help;
		dup2(STDERR_FILENO, STDOUT_FILENO);
		dispatch(1, words, true, pager);
		return error_set(ERR_USAGE, "no command given");
	}
	return dispatch(argc - n, argv + n, g.no_pager, pager);
}

/* Why something before could not be written: nobody kept that, but it still holds. */
static void ask_again(void)
{
	if (write(STDOUT_FILENO, "\n", 1) == 1)
		errno = EIO;
}

/* What was printed must have arrived: a full disk is a failure, a reader that left is not. */
static int finish_stdout(int rc)
{
	bool lost = ferror(stdout);

	if (fflush(stdout) == 0 && !lost)
		return rc;
	if (lost)
		ask_again();
	if (errno == EPIPE)
		return rc;
	return rc < 0 ? rc : error_errno("cannot write to standard output");
}

static void report(void)
{
	fprintf(stderr, "mich: %s\n", error_text());
	if (*error_hint_text())
		fprintf(stderr, "hint: %s\n", error_hint_text());
}

int main(int argc, char **argv)
{
	pid_t pager = 0;
	int rc = inherited_settle();

	term_stdout();
	if (rc == 0)
		rc = run_line(argc - 1, argv + 1, &pager);
	rc = finish_stdout(rc);
	if (pager)
		pager_wait(pager);
	if (rc < 0 && *error_text())
		report();
	if (rc == ERR_INTERRUPT && process_interrupted())
		return 128 + process_interrupted();
	return rc < 0 ? error_exit_status(rc) : 0;
}
