/*
 * step.h - one step: what it reads and how it would make something from it, as far as its kind is
 * of no interest. A step with every input known has a fingerprint; the same fingerprint means the
 * same result, so a good version that carries it is the answer and nothing runs.
 */
#ifndef MICH_STEP_STEP_H
#define MICH_STEP_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/json.h"
#include "lib/base/strlist.h"
#include "lib/record/content/code.h"
#include "lib/record/content/source.h"
#include "lib/record/version.h"

struct repo;

struct step_input {
	char *role;	  /* what the step's program knows it by: MICH_IN_<ROLE> */
	char *ref;	  /* "dataset/flights@3", "dataset/flights" when not made yet, or a path */
	char content[65]; /* "" while it is not known */
	bool is_source;	  /* a path of the user's: .source; else a version: .version */
	struct version version;
	struct source source;
};

/* What of a step says where and how it runs: recorded, but never in the fingerprint. */
struct step_limits {
	int64_t time_ms, memory_bytes; /* 0: none */
	bool no_network, copy_inputs;
	int threads; /* 0: as many as this process may use */
	int ranks;   /* 0: one plain process */
	int gpus, max_restarts;
	bool gpu_isolate;		  /* each rank of a command sees its own alone */
	bool mpi_env;			  /* its ranks see what mpirun would tell them */
	bool mpi;			  /* its ranks on several machines are MPI processes */
	int64_t silence_ms;		  /* 0: not given */
	struct strlist env, pass, secret; /* names; env's values are in the fingerprint */
};

struct step {
	char *kind, *name;
	json_t *recipe; /* every key that shapes the output, as given; names of inputs are not in it */
	json_t *params;	   /* {name: number or string}; part of the fingerprint */
	json_t *overrides; /* {key: value} given on the command line; recorded; NULL: none */
	json_t *engines;   /* {"duckdb": "1.5"}: major.minor of what shapes the output */
	json_t *check;	   /* keys of class check: recorded, never in the fingerprint */
	json_t *keys; /* its section as typed, by class: what it takes to make it again; NULL: none */
	int64_t seed;
	int number; /* raised when a built-in step's output changes */
	struct step_input *inputs;
	size_t n_inputs;
	struct code code;
	char *command;		/* NULL: a built-in step */
	char *environment_file; /* a lock file whose bytes are in the fingerprint; NULL: none */
	char *refresh;		/* the stamp of its period; NULL: none */
	int64_t clock_ms;	/* what now() means in it; 0: refused */
	struct step_limits limits;
	bool recipe_dirty; /* the recipe is not what HEAD's Michfile says */
	char *lacks,
		*lacks_hint; /* why it cannot be made here: an engine is missing; NULL: nothing */

	json_t *print;	      /* set by step_print */
	bool complete;	      /* every input is known */
	char fingerprint[65]; /* "" unless complete */
};

void step_init(struct step *s, const char *kind, const char *name);
void step_clear(struct step *s);

/* Give an input; the pieces are copied or taken as the name says. */
void step_add_source(struct step *s, struct source *taken);
int step_add_version(struct step *s, const char *role, const struct version *v);
void step_add_unknown(struct step *s, const char *role, const char *ref);
const struct step_input *step_find_input(const struct step *s, const char *role);

int step_ranks(
	const struct step *s); /* as how many its program runs; 1 also where it asks for none */

/*
 * How many ranks the result depends on: 1 also where determinism is "world", which gives the same
 * bytes for any number.
 */
int step_world(const struct step *s);

/* Compute print and fingerprint from what was given. */
int step_print(struct step *s);

/* The members that the manifest of whatever this step makes begins with; new reference. */
json_t *step_manifest(const struct step *s);

/*
 * The good version that this step would make again: by fingerprint, or for a step with refresh the
 * newest one whose stamp is not older than the one asked. ERR_NOT_FOUND.
 */
int step_known(struct repo *r, const struct step *s, struct version *out);

#endif
