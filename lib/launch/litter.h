/* litter.h - files of memory that outlive who made them: what a program leaves in /dev/shm. */
#ifndef MICH_LAUNCH_LITTER_H
#define MICH_LAUNCH_LITTER_H

#include "lib/base/strlist.h"

/*
 * The names in dir that NCCL gives to memory which ranks of one machine share (nccl-*). It removes each once
 * both sides have it, so a rank that is killed before leaves one, of many megabytes, for ever.
 */
void litter_list(const char *dir, struct strlist *out);

/*
 * Remove those of ours that are not among before and that no process has open or mapped: a run that goes on beside
 * this one keeps its own.
 */
void litter_clear(const char *dir, const struct strlist *before);

#endif
