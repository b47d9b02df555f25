/* isolate.h - namespaces for one program: read-only inputs, no network. For a forked child only. */
#ifndef MICH_LAUNCH_ISOLATE_H
#define MICH_LAUNCH_ISOLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/launch/process.h"

/*
 * Give the calling process, which has one thread, a mount namespace with the binds read-only and, if
 * asked, a network namespace where only lo is up; then take away what could undo them
 * (CAP_SYS_ADMIN, CAP_SYS_PTRACE), for good and for its children. Root does it directly, others in a
 * user namespace that keeps their uid. ERR_INPUT: not allowed here; ERR_NOT_FOUND, ERR_IO: a bind.
 */
int isolate_self(const struct process_bind *binds, size_t n_binds, bool no_network);

#endif
