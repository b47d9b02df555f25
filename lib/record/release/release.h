/*
 * release.h - a version under a released name: NAMESPACE/NAME@MAJOR.MINOR. It is an annotated tag,
 * refs/mich/release/NAMESPACE/NAME/MAJOR.MINOR, of the version's entry in its journal; its message
 * holds the figures and the gates' results, for people and as JSON. A tag is never moved.
 */
#ifndef MICH_RECORD_RELEASE_RELEASE_H
#define MICH_RECORD_RELEASE_RELEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/json.h"
#include "lib/record/version.h"

struct oid;
struct repo;
struct stage;

/* Strings owned; RELEASE_INIT / release_clear. */
struct release {
	char *space, *name;
	int64_t major, minor;
	char version[VERSION_ID_HEX + 1]; /* id */
	char tag[VERSION_ID_HEX + 1];	  /* object id of the tag */
	int64_t at_ms;
	char *user, *forced; /* the reason; NULL: nothing was forced */
	char *stage;	     /* that it was made for */
	json_t *doc;	     /* {"figures":{},"gates":[],...}; never NULL */
};

#define RELEASE_INIT \
	{            \
		0    \
	}
void release_clear(struct release *l);

/* "maps/eta@2.1": caller frees. */
char *release_ref(const struct release *l);

/* ERR_NOT_FOUND, with those there are as hint. */
int release_find(struct repo *r, const char *space, const char *name, int64_t major, int64_t minor,
		 struct release *out);

/* By space and name, the highest first; space, name NULL: any. Caller clears each, frees the array. */
int release_list(struct repo *r, const char *space, const char *name, struct release **out,
		 size_t *n_out);

/* The releases of a version; likewise. */
int release_of_version(struct repo *r, const char *id, struct release **out, size_t *n_out);
void release_list_free(struct release *v, size_t n);

/* The next minor of the highest major; 1.0 when there is none. */
int release_next(struct repo *r, const char *space, const char *name, int64_t *major,
		 int64_t *minor);

/* ERR_EXISTS: that release is there already, and who made it when. */
int release_check_free(struct repo *r, const char *space, const char *name, int64_t major,
		       int64_t minor);

/*
 * The one released name of a model; caller frees both. ERR_NOT_FOUND: it was never released;
 * ERR_INPUT: under several, which are listed.
 */
int release_of_model(struct repo *r, const char *model, char **space, char **name);

/* A namespace or a name in it: of the grammar of names, and no kind of version. ERR_INPUT. */
int release_check_name(const char *space, const char *name);

/* "maps/eta" to its parts; caller frees both. ERR_INPUT. */
int release_parse_name(const char *text, char **space, char **name);

/* ERR_INPUT when v is released (or, staged, only while it is in a stage): "cannot WHAT ...". */
int release_refuse(struct repo *r, const struct version *v, bool staged, const char *what);

/*
 * [{"release":"maps/eta@2.1","stages":["production"],"at","user","forced"}] of a version, from the
 * index as it is; new reference, empty when it has none.
 */
struct index;
json_t *release_json_of(struct index *x, const char *id);

/* The same for people: "maps/eta@2.1 in production, staging; maps/eta@2.0"; caller frees. */
char *release_text_of(struct index *x, const char *id);

enum { RELEASE_NEXT = -1 };

struct release_plan {
	const char *space, *name;
	int64_t major, minor; /* major RELEASE_NEXT: release_next() */
	const struct version *v;
	const char *stage;  /* that it goes to */
	const char *before; /* commit of the stage's last move when v was judged against it, "" for
			       none; NULL: whatever it is */
	const char *forced, *reason; /* may be NULL */
	const json_t *doc;	     /* borrowed; NULL: {} */
	/*
	 * Make the whole bytes of a signed tag of that name and message on a commit; NULL: it is
	 * not signed.
	 */
	int (*sign)(const char *name, const struct oid *commit, const char *message,
		    struct buf *tag_out, void *payload);
	void *payload;
};

/*
 * Tag, stage entry, event "promoted" on the version, in that order. What is to be done is written
 * down before the tag is set: whoever opens the record for writing next completes what a kill cut
 * short. ERR_EXISTS: the release is there already, or the stage moved since `before`; ERR_BUSY.
 */
int release_make(struct repo *r, const struct release_plan *plan, struct release *out);

#endif
