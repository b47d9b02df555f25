/* frame.c - names of column types, and finding a column. */
#include "lib/base/frame.h"

#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

static const char *const names[] = { "bool", "int", "double", "string", "time" };

const char *frame_type_name(enum frame_type type)
{
	return names[type];
}

int frame_type_parse(const char *name, enum frame_type *out)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(names[i], name)) {
			*out = (enum frame_type)i;
			return 0;
		}
	return error_set(ERR_INPUT, "'%s' is not a column type: bool, int, double, string or time",
			 name);
}

const struct frame_column *frame_find(const struct frame *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->cols[i].name, name))
			return &f->cols[i];
	return NULL;
}
