/* version.h - a version: immutable, named kind/name@N, made by one recorded step. */
#ifndef MICH_RECORD_VERSION_H
#define MICH_RECORD_VERSION_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/json.h"

struct repo;

enum { VERSION_ID_HEX = 40, VERSION_CONTENT_HEX = 64 };

/* The head of a version, as the index holds it. Strings owned; VERSION_INIT / version_clear. */
struct version {
	char *kind, *name;
	int64_t number;
	char id[VERSION_ID_HEX + 1];	       /* object id of manifest.json */
	char content[VERSION_CONTENT_HEX + 1]; /* SHA-256 of `contents`; "" when it failed */
	char commit[VERSION_ID_HEX + 1];       /* its entry in the journal */
	char fingerprint[VERSION_CONTENT_HEX + 1];
	char *build;	  /* running good failed aborted */
	char *validation; /* none running passed failed */
	char *life;	  /* active deprecated retired */
	bool dirty;	  /* and no `committed` event yet */
	bool collected;	  /* its files are gone (rm, gc); the entry stays */
	int64_t started_ms, finished_ms;
	char *host, *user;
};

#define VERSION_INIT \
	{            \
		0    \
	}
void version_clear(struct version *v);
int version_copy(const struct version *v, struct version *out); /* a deep copy; always 0 */

/* "model/eta@14": caller frees. */
char *version_ref(const struct version *v);

/*
 * Resolve `[kind/]name[@rev]` (design 3, Names) without a Michfile: no @rev means latest; a stage or
 * MAJOR.MINOR means the one name that the model is released under. NAMESPACE/NAME[@STAGE|@MAJOR.MINOR]
 * is what is released, no @ being production. kind NULL: any kind, and two of one name are an error
 * that lists them. ERR_NOT_FOUND (with the nearest
 * name as hint), ERR_INPUT (grammar, ambiguous).
 */
int version_find(struct repo *r, const char *kind, const char *text, struct version *out);

/* "model/eta@12", which NAME@latest means now: for who named one that may not be used. Caller frees; NULL: none. */
char *version_latest(struct repo *r, const char *kind, const char *name);
int version_by_id(struct repo *r, const char *id, struct version *out);

/* The good version of this fingerprint: published first, then the lowest number. ERR_NOT_FOUND. */
int version_by_fingerprint(struct repo *r, const char *kind, const char *name,
			   const char *fingerprint, struct version *out);

/* Newest entry first; every version of an artifact. Caller frees each and the array. */
int version_list(struct repo *r, const char *kind, const char *name, struct version **out,
		 size_t *n_out);

/* New references. metrics may be absent: *out NULL, 0. */
int version_manifest(struct repo *r, const struct version *v, json_t **out);
int version_metrics(struct repo *r, const struct version *v, json_t **out);
int version_profile(struct repo *r, const struct version *v, json_t **out);

/*
 * Put what is under files/ of a version into dir (made; must be empty or absent). how: hard links
 * to the stored bytes where the file system can (the caller sees to it that nobody writes through
 * them: root can, a read-only bind mount stops it), or always a reflink or copy. Verifies nothing:
 * blobs are verified when written and by fsck --full. ERR_NOT_FOUND when a blob is not here.
 */
enum version_place { PLACE_LINK, PLACE_COPY };
int version_place(struct repo *r, const struct version *v, enum version_place how, const char *dir);

/* The bytes of one path of the version's tree (files/x, metrics.json, ...), pointers followed. */
struct buf;
int version_cat(struct repo *r, const struct version *v, const char *path, struct buf *out);

/*
 * The same without reading what is large: *large is the file that holds it, or NULL, and small has the bytes.
 * Writes nothing. Caller frees both, small whatever is returned.
 */
int version_bytes(struct repo *r, const struct version *v, const char *path, struct buf *small,
		  char **large);

/* Whether its tree has that file, be the bytes here or not. */
bool version_has(struct repo *r, const struct version *v, const char *path);

/*
 * A path on disk that holds the bytes of one file; large ones are the blob itself (read only), small ones become
 * one.
 */
int version_path(struct repo *r, const struct version *v, const char *path, char **out);

#endif
