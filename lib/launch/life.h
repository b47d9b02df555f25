/*
 * life.h - which start of a run's agents is the last one. An engine that has lost sight of a machine starts them
 * again elsewhere; those on the lost one may still run, and must not write into the same folder for long.
 */
#ifndef MICH_LAUNCH_LIFE_H
#define MICH_LAUNCH_LIFE_H

#include <stdbool.h>

/* The agents of dir begin for the time so numbered, 0 being the first: all earlier ones are over. */
int life_begin(const char *dir, int restart);

/* Have the agents of dir been started once more since that time? */
bool life_is_over(const char *dir, int restart);

#endif
