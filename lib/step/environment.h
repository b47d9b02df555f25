/* environment.h - what a step's program sees of the world: design 5, and nothing else. */
#ifndef MICH_STEP_ENVIRONMENT_H
#define MICH_STEP_ENVIRONMENT_H

#include "lib/base/json.h"
#include "lib/base/strlist.h"

struct attempt;
struct step;

/* ERR_INPUT: a secret of the step is not set here. */
int environment_check(const struct step *s);

/* NAME=VALUE for every variable that the program shall see. ERR_INPUT as environment_check. */
int environment_build(const struct attempt *a, struct strlist *env);

/* "flights-2024" as FLIGHTS_2024: the end of MICH_IN_<ROLE>; caller frees. */
char *environment_role(const char *role);

/*
 * What the step's command runs in, for the manifest: {"program": path, "sha256", "python"?, "packages"?
 * {name: version}, "passed": {name: value}}. Never in the fingerprint; `why` shows what changed. What
 * cannot be found is left out. New reference.
 */
json_t *environment_describe(const struct attempt *a);

#endif
