/*
 * fleet.h - the models a server holds, each under the name it is asked for, and changed while
 * requests run.
 *
 * Whoever answers requests has a view: what the fleet held when it was last synced. A view is of one
 * thread, finding in it takes no lock, and what it finds stays until the next sync. A model that was
 * replaced is freed when the last view that saw it is synced or freed. Any thread may change the
 * fleet.
 *
 *	fleet_view_sync(view);                          between requests
 *	s = fleet_find(view, name, n, NULL, 0);         borrowed until the next sync
 *	model_score(s->model, ...)
 */
#ifndef MICH_SERVE_FLEET_H
#define MICH_SERVE_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fleet;
struct fleet_view;
struct card;
struct meter;
struct model;

/* One model under its name. Nothing of it changes once it was put. */
struct served {
	char *name;    /* as asked for: "eta" */
	char *version; /* the release "2.1", else the number "14" */
	char *ref;     /* "model/eta@14" */
	char *id;      /* the version's, 40 hex digits */
	char *release; /* "maps/eta@2.1"; NULL: not served as a release */
	char *stage;   /* "production"; NULL: follows no stage */
	int64_t since_ms;
	struct model *model;
	struct card *card;   /* what the protocols need of it; made by fleet_put, freed with it */
	struct meter *meter; /* of this name and version; the fleet's, see fleet_meter */
};

/* meter_free: for every meter given with fleet_put, when the fleet goes; NULL: they are not ours. */
struct fleet *fleet_new(void (*meter_free)(struct meter *));
void fleet_free(struct fleet *f); /* no view is left */

/*
 * Put s, which is taken, in the place of the one of its name, or beside the others. Views see it
 * from their next sync on. Clears the trouble of that name.
 */
void fleet_put(struct fleet *f, struct served *s);
/* ERR_NOT_FOUND. */
int fleet_remove(struct fleet *f, const char *name);

/*
 * The meter that was put with this name, version and id before, so that a version that comes back
 * counts on; NULL: never put.
 */
struct meter *fleet_meter(struct fleet *f, const char *name, const char *version, const char *id);

/* One of all meters ever put, for /metrics; s NULL once its model has gone. */
struct fleet_meter {
	const char *name, *version, *id;
	struct meter *meter;
	bool serving; /* this is what the name means now */
};
/* In the order in which they were first put. A non-zero answer of fn ends it and is returned. */
int fleet_each_meter(struct fleet *f, int (*fn)(const struct fleet_meter *, void *), void *payload);

/*
 * Why a name could not be switched, or is not served at all: kept until it is put again or why is NULL.
 * text_out: copied, caller frees; false: no trouble. failures: how often it was set, ever.
 */
void fleet_set_trouble(struct fleet *f, const char *name, const char *why);
bool fleet_trouble(struct fleet *f, const char *name, char **text_out);
int64_t fleet_failures(struct fleet *f, const char *name);

/* Not ready until all is loaded, and again while the server drains: health says so. */
void fleet_set_ready(struct fleet *f, bool ready);
bool fleet_ready(const struct fleet *f);

struct fleet_view *fleet_view_new(struct fleet *f);
void fleet_view_free(struct fleet_view *v);
/* Cheap when nothing changed: one load. */
void fleet_view_sync(struct fleet_view *v);

/* NULL: no such name, or it is of another version. version_n 0: any. */
const struct served *fleet_find(const struct fleet_view *v, const char *name, size_t name_n,
				const char *version, size_t version_n);
/* In the order of their names. */
size_t fleet_count(const struct fleet_view *v);
const struct served *fleet_at(const struct fleet_view *v, size_t i);

#endif
