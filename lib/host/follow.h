/*
 * follow.h - the names that a server was told to serve, kept in its fleet as the record says: a stage
 * that moves is followed.
 */
#ifndef MICH_HOST_FOLLOW_H
#define MICH_HOST_FOLLOW_H

#include <stddef.h>

struct fleet;
struct follow;
struct repo;

/* One line for people: what was switched, what could not be. */
typedef void (*follow_fn)(const char *line, void *payload);

/* All borrowed; r NULL: outside of a repository, for packages alone. shards: of the meters. */
struct follow *follow_new(struct repo *r, struct fleet *f, int shards, follow_fn say,
			  void *payload);
void follow_free(struct follow *w);

/* One more name to serve. ERR_EXISTS: it is taken, with what to type; errors of served_name_parse. */
int follow_add(struct follow *w, const char *text);

/* Load every one. The first that fails ends it. */
int follow_load(struct follow *w);

/*
 * Look whether a stage moved, and switch to what it holds: loaded, checked and scored once, and only
 * then put in the place of the one before, which goes on until then, and goes on altogether when
 * that fails: said once, kept as the fleet's trouble, and tried again when the record changes or a while
 * has gone by. Cheap when nothing moved.
 */
void follow_look(struct follow *w);

#endif
