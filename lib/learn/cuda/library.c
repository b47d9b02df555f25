/* library.c - one place after the other. */
#include "lib/learn/cuda/library.h"

#include <dlfcn.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/engine.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"

enum { HOPS = 8 };

static const struct {
	const char *name, *var;
	const char *soname;   /* with %d: CUDA's major version */
	const char *packages; /* folders of Python's packages that may hold it */
} libraries[] = {
	[LIBRARY_CUBLASLT] = { "cuBLASLt", "MICH_CUBLASLT", "libcublasLt.so.%d", "cu%d cublas" },
	[LIBRARY_NCCL] = { "NCCL", "MICH_NCCL", "libnccl.so.2", "nccl" },
};

static char *with_major(const char *text, int major)
{
	const char *at = strstr(text, "%d");

	return at ? xasprintf("%.*s%d%s", (int)(at - text), text, major, at + 2) : xstrdup(text);
}

/* The same for each way in which Python's packages are unpacked below dir. */
static void add_packages(struct strlist *l, const char *dir, const char *packages,
			 const char *soname)
{
	struct strlist words = STRLIST_INIT;

	strlist_split(&words, packages, " ");
	for (size_t i = 0; i < words.n; i++)
		strlist_addf(l, "%s/nvidia/%s/lib/%s", dir, words.v[i], soname);
	strlist_clear(&words);
}

/* With the slash behind it. */
static char *folder_of(const char *path)
{
	return xasprintf("%.*s", (int)(path_base(path) - path), path);
}

/* Where BIN/python3 leads to, link by link: a virtual environment may be on the way. */
static void add_links(struct strlist *bins, const char *bin)
{
	char *at = path_join(bin, "python3"), to[PATH_MAX];
	ssize_t n;

	for (int hops = 0; hops < HOPS && (n = readlink(at, to, sizeof to - 1)) > 0; hops++) {
		char *dir = folder_of(at);

		to[n] = 0;
		free(at);
		at = *to == '/' ? xstrdup(to) : xasprintf("%s%s", dir, to);
		free(dir);
		strlist_take(bins, folder_of(at));
	}
	free(at);
}

/* The packages of each Python on the PATH: BIN/../lib/python3.X. */
static void add_pythons(struct strlist *l, const char *packages, const char *soname)
{
	static const char *const kinds[] = { "site-packages", "dist-packages" };
	struct strlist path = STRLIST_INIT, bins = STRLIST_INIT;
	const char *text = getenv("PATH");

	strlist_split(&path, text ? text : "", ":");
	for (size_t i = 0; i < path.n; i++) {
		strlist_add(&bins, path.v[i]);
		add_links(&bins, path.v[i]);
	}
	for (size_t i = 0; i < bins.n; i++)
		for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
			char *dir = xasprintf("%s/../lib/python3*/%s", bins.v[i], kinds[k]);

			add_packages(l, dir, packages, soname);
			free(dir);
		}
	strlist_clear(&path);
	strlist_clear(&bins);
}

static void add_places(struct strlist *l, enum library which, int major, const char *soname)
{
	const char *home = getenv("CUDA_HOME");
	char *packages = with_major(libraries[which].packages, major), *dir = engine_dir("cuda");

	if (dir)
		add_packages(l, dir, packages, soname);
	strlist_add(l, soname); /* the system's own search */
	if (home && *home)
		strlist_addf(l, "%s/lib64/%s", home, soname);
	strlist_addf(l, "/usr/local/cuda/lib64/%s", soname);
	strlist_addf(l, "/usr/local/cuda-%d*/lib64/%s", major, soname);
	add_pythons(l, packages, soname);
	free(packages);
	free(dir);
}

/* A name without slash goes to the loader, another one is a pattern of paths. */
static void *try_place(const char *place, char **path_out)
{
	glob_t found = { 0 };
	void *handle = NULL;

	if (!strchr(place, '/')) {
		handle = dlopen(place, RTLD_NOW | RTLD_LOCAL);
		if (handle)
			*path_out = xstrdup(place);
		return handle;
	}
	if (glob(place, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc && !handle; i++) {
			handle = dlopen(found.gl_pathv[i], RTLD_NOW | RTLD_LOCAL);
			if (handle)
				*path_out = xstrdup(found.gl_pathv[i]);
		}
	globfree(&found);
	return handle;
}

static int missing(enum library which, const char *soname)
{
	const char *name = libraries[which].name, *var = libraries[which].var;
	const char *asked = getenv(var);
	const char *why = asked && *asked ? dlerror() : NULL;

	if (asked && *asked)
		return error_hint(
			error_set(ERR_ENGINE, "cannot load %s: %s", name, why ? why : asked),
			"name another file, or: unset %s", var);
	return error_hint(error_set(ERR_ENGINE,
				    "cannot find %s: looked for %s below lib/mich and the build "
				    "folder, in the system, in $CUDA_HOME and in Python's packages",
				    name, soname),
			  "install it with 'make deps CUDA=1', or name it: export %s=/path/to/%s",
			  var, soname);
}

/* That of one major version of CUDA, wherever it is. */
static void *search(enum library which, int major, char **path_out)
{
	char *soname = with_major(libraries[which].soname, major);
	struct strlist places = STRLIST_INIT;
	void *handle = NULL;

	add_places(&places, which, major, soname);
	for (size_t i = 0; i < places.n && !handle; i++)
		handle = try_place(places.v[i], path_out);
	strlist_clear(&places);
	free(soname);
	return handle;
}

int library_open(enum library which, int major, void **handle_out, char **path_out)
{
	char *soname = with_major(libraries[which].soname, major), *path = NULL;
	const char *asked = getenv(libraries[which].var);
	int rc = 0;

	if (asked && *asked)
		*handle_out = dlopen(asked, RTLD_NOW | RTLD_LOCAL), path = xstrdup(asked);
	else
		*handle_out = search(which, major, &path);
	if (!*handle_out && !(asked && *asked) && major > LIBRARY_MAJOR_LEAST)
		*handle_out = search(which, major - 1, &path);
	if (!*handle_out)
		rc = missing(which, soname);
	if (path_out && !rc)
		*path_out = path;
	else
		free(path);
	free(soname);
	return rc;
}
