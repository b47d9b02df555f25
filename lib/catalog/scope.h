/* scope.h - which versions a listing is about: all, those of a kind, of an artifact, or one. */
#ifndef MICH_CATALOG_SCOPE_H
#define MICH_CATALOG_SCOPE_H

struct index;

struct scope {
	char *kind, *name; /* owned; NULL: any */
};

#define SCOPE_INIT \
	{          \
		0  \
	}

/*
 * "model", "model/eta" or "eta" (the model or data set of that name before what is named after it);
 * NULL is everything. ERR_INPUT: not a name; ERR_NOT_FOUND: no such
 * kind or artifact, the nearest as hint.
 */
int scope_find(struct index *x, const char *text, struct scope *out);
void scope_clear(struct scope *s);

#endif
