/* engine.h - where an outside library lies, and opening it. */
#ifndef MICH_BASE_ENGINE_H
#define MICH_BASE_ENGINE_H

#include <stddef.h>

/*
 * Find a library: the variable var (a path), PREFIX/lib/mich/FILE, build/engines/FILE beside the
 * program, then soname in the system. Caller frees *path_out. ERR_ENGINE with what to install.
 */
int engine_find(const char *name, const char *var, const char *file, const char *soname,
		char **path_out);

/* The folder NAME among the engines, where engine_find looks for FILE; caller frees, NULL: there is none. */
char *engine_dir(const char *name);

/* Find and dlopen. The handle is kept until the process ends. */
int engine_open(const char *name, const char *var, const char *file, const char *soname,
		void **handle_out);

struct engine_symbol {
	const char *name;
	void *slot; /* address of a function pointer */
};

/* Fill every slot. ERR_ENGINE names the first symbol that the library lacks. */
int engine_symbols(const char *name, void *handle, const struct engine_symbol *symbols, size_t n);

char *engine_self(void); /* the path of the running program; caller frees */

/* The folder of libexec programs: beside the program in a build tree, else PREFIX/libexec/mich. */
char *engine_libexec(const char *program); /* caller frees; full path of the program */

#endif
