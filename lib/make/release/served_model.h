/*
 * served_model.h - what a name that shall be served means: a version of a model, fixed, or whatever a
 * stage holds.
 */
#ifndef MICH_MAKE_RELEASE_SERVED_MODEL_H
#define MICH_MAKE_RELEASE_SERVED_MODEL_H

#include <stdbool.h>

#include "lib/make/release/package.h"
#include "lib/record/content/contents.h"
#include "lib/record/version.h"

struct model;
struct repo;

/* Strings owned; served_name_clear. */
struct served_name {
	char *text;		/* as it was typed, without NAME= */
	char *name;		/* that it is asked for under */
	char *space, *released; /* NULL: no released name */
	char *stage;		/* that it follows; NULL: it is fixed */
	char *package;		/* the path of a package; NULL: it is in the record */
};

/*
 * "[NAME=]maps/eta[@STAGE|@MAJOR.MINOR]", "[NAME=]eta@production": a released name; without @ it
 * follows production. "[NAME=]model/eta@14", "eta": a version as pick_version finds it.
 * "[NAME=]./eta-14.tar": a package, for which no record is needed: r may be NULL. Whether the stage
 * holds anything is another question. ERR_INPUT, ERR_NOT_FOUND.
 */
int served_name_parse(struct repo *r, const char *text, struct served_name *out);
void served_name_clear(struct served_name *n);

/* What it means now. Strings owned; served_meaning_clear. */
struct served_meaning {
	struct version version;
	char *ref;		       /* "model/eta@14" */
	char *number;		       /* the release "2.1", else "14" */
	char *release;		       /* "maps/eta@2.1"; NULL: none */
	char move[VERSION_ID_HEX + 1]; /* the stage's entry; "" when it follows none */
};

/* ERR_NOT_FOUND: the stage holds nothing, or its release is gone; ERR_INPUT: retired, not good. */
int served_name_now(struct repo *r, const struct served_name *n, struct served_meaning *out);
void served_meaning_clear(struct served_meaning *m);

/*
 * Where the record keeps what n means, as it lies on disk: it differs from the last answer when the
 * stage may have moved. Costs a few stat calls; any thread.
 */
struct served_stamp {
	long long v[8];
};
void served_name_stamp(const struct repo *r, const struct served_name *n, struct served_stamp *out);

/*
 * Loading in two steps, for whoever loads many: the files of a version put where they can be read, and
 * reading them, which asks no record and may be done by any thread. clear takes the folder away.
 */
struct served_files {
	char *scratch, *dir; /* a folder of ours; the files in it */
	char *ref;	     /* "model/eta@14" */
	struct contents want;
	struct package package; /* that they are in; checked already */
};
int served_name_place(struct repo *r, const struct served_name *n, const struct version *v,
		      struct served_files *out);
int served_model_read(const struct served_files *f, struct model **out);
int served_files_clear(struct served_files *f);

/*
 * Load a version's model: its files are placed, compared with the record's hashes, opened, and scored
 * once. Nothing of it stays on disk. ERR_CORRUPT names the file that is not what it was.
 */
int served_name_open(struct repo *r, const struct served_name *n, const struct version *v,
		     struct model **out);

#endif
