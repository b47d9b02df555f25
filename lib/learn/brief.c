/* brief.c - the contract's environment, read once. */
#define _GNU_SOURCE
#include "lib/learn/brief.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"

static char *read_text(const char *var)
{
	const char *s = getenv(var);

	return s && *s ? xstrdup(s) : NULL;
}

static int read_folder(const char *var, char **out)
{
	*out = read_text(var);
	if (!*out) {
		error_set(ERR_USAGE, "%s is not set: this program is started by a step", var);
		return error_hint(ERR_USAGE, "let mich start it: mich train MODEL");
	}
	if (!file_is_dir(*out))
		return error_set(ERR_INPUT, "%s names '%s', which is not a folder", var, *out);
	return 0;
}

static int read_number(const char *var, int64_t low, int64_t high, int64_t fallback, int64_t *out)
{
	const char *s = getenv(var);
	char *end;

	*out = fallback;
	if (!s || !*s)
		return 0;
	errno = 0;
	*out = strtoll(s, &end, 10);
	if (errno || *end || *out < low || *out > high)
		return error_set(ERR_INPUT, "%s is '%s', want a whole number from %lld to %lld",
				 var, s, (long long)low, (long long)high);
	return 0;
}

static int read_params(json_t **out)
{
	const char *s = getenv("MICH_PARAMS");

	if (!s || !*s)
		s = "{}";
	if (json_parse(s, strlen(s), "MICH_PARAMS", out) < 0)
		return ERR_INPUT;
	if (!json_is_object(*out))
		return error_set(ERR_INPUT, "MICH_PARAMS is not a JSON object");
	return 0;
}

static int64_t cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof set, &set) < 0)
		return 1;
	return CPU_COUNT(&set);
}

int brief_read(struct brief *b)
{
	int64_t threads;
	int rc;

	*b = (struct brief)BRIEF_INIT;
	if ((rc = read_folder("MICH_OUT", &b->out)) ||
	    (rc = read_folder("MICH_IN_MATRIX", &b->matrix)) || (rc = read_params(&b->params)) ||
	    (rc = read_number("MICH_SEED", 0, INT64_MAX, 0, &b->seed)) ||
	    (rc = read_number("MICH_CHECKPOINT_STEPS", 1, INT64_MAX, 0, &b->checkpoint_steps)) ||
	    (rc = read_number("MICH_PARTITION_MIN_ROWS", 1, INT64_MAX, 1,
			      &b->partition_min_rows)) ||
	    (rc = read_number("MICH_RESTART", 0, INT64_MAX, 0, &b->restart)) ||
	    (rc = read_number("MICH_THREADS", 1, 4096, cpus(), &threads))) {
		brief_clear(b);
		return rc;
	}
	b->threads = (int)threads;
	b->determinism = read_text("MICH_DETERMINISM");
	b->events = read_text("MICH_EVENTS");
	b->checkpoint = read_text("MICH_CHECKPOINT");
	b->init_from = read_text("MICH_IN_INIT_FROM");
	return 0;
}

int brief_begin(const struct brief *b)
{
	DIR *d = b->restart ? opendir(b->out) : NULL;
	struct dirent *e;
	int rc = 0;

	if (b->restart && !d)
		return error_errno("cannot read '%s'", b->out);
	while (d && !rc && (e = readdir(d))) {
		char *path = path_join(b->out, e->d_name);

		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			rc = file_remove_tree(path);
		free(path);
	}
	if (d)
		closedir(d);
	return rc;
}

void brief_clear(struct brief *b)
{
	free(b->out);
	free(b->matrix);
	free(b->determinism);
	free(b->events);
	free(b->checkpoint);
	free(b->init_from);
	json_decref(b->params);
	*b = (struct brief)BRIEF_INIT;
}
