/* engine.c - finding and opening outside libraries. */
#define _GNU_SOURCE
#include "lib/base/engine.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"

char *engine_self(void)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);

	return xstrndup(n < 0 ? "mich" : path, n < 0 ? 4 : (size_t)n);
}

/* The folder of the running program, without a slash at its end; caller frees. */
static char *program_dir(void)
{
	char *path = engine_self(), *slash = strrchr(path, '/');

	if (slash)
		*slash = '\0';
	else
		memcpy(path, ".", 2);
	return path;
}

static char *existing(char *path)
{
	if (access(path, R_OK) == 0)
		return path;
	free(path);
	return NULL;
}

/* The first place that has it, of those beside the program. */
char *engine_dir(const char *name)
{
	static const char *const places[] = { "engines", "../lib/mich", "../../lib/mich",
					      "../engines" };
	char *dir = program_dir(), *path = NULL;

	for (size_t i = 0; i < ARRAY_LEN(places) && !path; i++)
		path = existing(xasprintf("%s/%s/%s", dir, places[i], name));
	free(dir);
	return path;
}

int engine_find(const char *name, const char *var, const char *file, const char *soname,
		char **path_out)
{
	const char *asked = getenv(var);
	char *path;

	if (asked && *asked) {
		path = existing(xstrdup(asked));
		if (path) {
			*path_out = path;
			return 0;
		}
		error_set(ERR_ENGINE, "cannot find %s: %s names '%s', which cannot be read", name,
			  var, asked);
		return error_hint(ERR_ENGINE, "install it with 'make deps' and: unset %s", var);
	}
	path = engine_dir(file);
	if (!path && soname) {
		void *h = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

		if (h) {
			dlclose(h);
			path = xstrdup(soname);
		}
	}
	if (!path) {
		error_set(
			ERR_ENGINE,
			"cannot find %s: looked in $%s, lib/mich, the build folder and the system",
			name, var);
		return error_hint(ERR_ENGINE,
				  "install it with 'make deps', or name it: export %s=/path/to/%s",
				  var, path_base(file));
	}
	*path_out = path;
	return 0;
}

int engine_open(const char *name, const char *var, const char *file, const char *soname,
		void **handle_out)
{
	char *path = NULL;
	int rc = engine_find(name, var, file, soname, &path);

	if (rc)
		return rc;
	*handle_out = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!*handle_out) {
		rc = error_set(ERR_ENGINE, "cannot load %s: %s", name, dlerror());
		error_hint(rc,
			   "install it with 'make deps'; mich doctor shows what was found where");
	}
	free(path);
	return rc;
}

int engine_symbols(const char *name, void *handle, const struct engine_symbol *symbols, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		void *p = dlsym(handle, symbols[i].name);

		if (!p)
			return error_set(ERR_ENGINE, "cannot use %s: it lacks '%s' (too old?)",
					 name, symbols[i].name);
		memcpy(symbols[i].slot, &p, sizeof p);
	}
	return 0;
}

char *engine_libexec(const char *program)
{
	char *dir = program_dir();
	char *path = existing(xasprintf("%s/../libexec/mich/%s", dir, program));

	if (!path)
		path = xasprintf("%s/%s", dir, program);
	free(dir);
	return path;
}
