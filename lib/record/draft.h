/* draft.h - what is to become a version: gathered by a step, recorded in one stroke. */
#ifndef MICH_RECORD_DRAFT_H
#define MICH_RECORD_DRAFT_H

#include "lib/base/json.h"
#include "lib/record/content/code.h"
#include "lib/record/content/source.h"
#include "lib/record/version.h"

struct repo;

/*
 * manifest: kind, name, recipe, inputs [{role, ref, id?, content, ...}], params, seed, threads,
 * engines, environment, fingerprint, print, started, finished, state ("good" "failed" "aborted"),
 * reason?, exit? ... as the step knows them. record adds content, host, user and code.
 */
struct draft {
	const char *kind, *name;
	json_t *manifest;	 /* borrowed; record adds its own members to a copy */
	const char *files_dir;	 /* its files become files/; moved, not copied; NULL: none */
	const struct code *code; /* NULL: no code was read */
	const struct source
		*sources; /* imported sources, kept in the version's tree under sources/ */
	size_t n_sources;
	json_t *metrics;	 /* metrics.json; NULL: none. Borrowed. */
	json_t *profile;	 /* profile.json; NULL: none */
	const char *events_path; /* events.jsonl; NULL or absent: none */
	const char *log_path;	 /* log; NULL or absent: none */
	const char *const
		*inputs; /* ids of the versions that it was made from: the further parents */
	size_t n_inputs;
};

/*
 * Record: blobs, git objects, the ref by compare and swap, the index row; under the journal's lock,
 * waiting for it up to the deadline (ERR_BUSY). When a good version of the same fingerprint came in
 * between, that one is returned and nothing is recorded. *out is the version's head.
 */
int draft_record(struct repo *r, const struct draft *d, struct version *out);

#endif
