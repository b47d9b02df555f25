/*
 * holder.h - the process that holds something in the record, by its number and when it began, since numbers come
 * again; told only to those who see the same numbers.
 */
#ifndef MICH_RECORD_RUN_HOLDER_H
#define MICH_RECORD_RUN_HOLDER_H

#include <stdbool.h>

#include "lib/base/json.h"

/* When a process began, in the kernel's clock ticks; 0: there is none. */
unsigned long long holder_start(long pid);

/* Put who we are into v: "pid", "start", "boot" (which kernel) and "pids" (which name space of numbers). */
void holder_write(json_t *v);

/* Do processes of this kernel hold what v says, whose locks are then true? */
bool holder_same_boot(const json_t *v);

/* Has the process of holder_write() ended, or is it about to? false also where its number is not one of ours. */
bool holder_is_gone(const json_t *v);

#endif
