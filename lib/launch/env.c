/* env.c - find, set, drop. */
#define _GNU_SOURCE
#include "lib/launch/env.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/mem.h"

/* Its place; n: it is not there. */
static size_t find(const struct strlist *env, const char *name)
{
	size_t len = strlen(name), i = 0;

	while (i < env->n && (strncmp(env->v[i], name, len) != 0 || env->v[i][len] != '='))
		i++;
	return i;
}

void env_set(struct strlist *env, const char *name, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	size_t at = find(env, name);
	va_list ap;

	buf_addf(&b, "%s=", name);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	if (at == env->n) {
		strlist_take(env, buf_take(&b));
		return;
	}
	free(env->v[at]);
	env->v[at] = buf_take(&b);
}

bool env_has(const struct strlist *env, const char *name)
{
	return find(env, name) < env->n;
}

void env_drop(struct strlist *env, const char *name)
{
	size_t at = find(env, name);

	if (at == env->n)
		return;
	free(env->v[at]);
	memmove(env->v + at, env->v + at + 1, (env->n - at) * sizeof *env->v);
	env->n--;
}

void env_take(struct strlist *env, const char *pattern)
{
	for (char **e = environ; *e; e++) {
		const char *eq = strchr(*e, '=');
		char *name;

		if (!eq)
			continue;
		name = xstrndup(*e, (size_t)(eq - *e));
		if (!fnmatch(pattern, name, 0))
			env_set(env, name, "%s", eq + 1);
		free(name);
	}
}
