/* options.h - the settings of a repository (git config mich.*), checked. */
#ifndef MICH_STEP_OPTIONS_H
#define MICH_STEP_OPTIONS_H

#include "lib/spec/settings.h"

struct repo;

/* ERR_INPUT names the key that is wrong, and the command that sets it right. */
int options_read(struct repo *r, struct settings *out);

#endif
