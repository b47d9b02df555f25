/* engines.h - which outside library would shape a step's output, and its version. */
#ifndef MICH_MAKE_ENGINES_H
#define MICH_MAKE_ENGINES_H

struct repo;
struct step;

enum engine { ENGINE_DUCKDB, ENGINE_XGBOOST };

/*
 * Put the engine's major.minor into s->engines. The library is not loaded for it when its file is
 * the one whose version was asked before (.git/mich/engines.json). When it is missing, the pinned
 * version stands for it and s->lacks says so.
 */
int engines_describe(struct repo *r, enum engine e, struct step *s);

/* All of its version, "3.2.0"; *out is the caller's. ERR_ENGINE: it is missing. */
int engines_version(struct repo *r, enum engine e, char **out);

#endif
