/* family.h - all processes below one, whatever group or session they moved to. */
#ifndef MICH_LAUNCH_FAMILY_H
#define MICH_LAUNCH_FAMILY_H

#include <sys/types.h>

/*
 * Send sig to every descendant of root, never to root and never to anything else: each is held by a
 * pidfd and found again below root before it is signalled. One pass; a process that is forked
 * meanwhile is missed. The number signalled; negative when /proc cannot be read.
 */
int family_signal(pid_t root, int sig);

/*
 * Kill every descendant of the calling process, a subreaper, and reap them all: on return it has no
 * children. Processes that cannot die yet (in the kernel) are waited for. Where child is among them,
 * status_out gets its wait status.
 */
void family_kill(pid_t child, int *status_out);

#endif
