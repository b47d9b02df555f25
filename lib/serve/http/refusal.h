/* refusal.h - what libh2o refuses by itself, in our words, counted and logged. */
#ifndef MICH_SERVE_HTTP_REFUSAL_H
#define MICH_SERVE_HTTP_REFUSAL_H

#include "lib/serve/http/loop.h"

/* For all answers of a path. */
void refusal_register(h2o_pathconf_t *conf, struct loop *l);

#endif
