/* env.h - a list of NAME=VALUE, as a program's environment. */
#ifndef MICH_LAUNCH_ENV_H
#define MICH_LAUNCH_ENV_H

#include "lib/base/strlist.h"

/* NAME=VALUE over whatever value the name had. */
void env_set(struct strlist *env, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool env_has(const struct strlist *env, const char *name);
void env_drop(struct strlist *env, const char *name);

/* Those of our own environment whose names match a pattern (fnmatch), over whatever value they had. */
void env_take(struct strlist *env, const char *pattern);

#endif
