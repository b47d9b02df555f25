/* family.h - all processes below one, whatever group or session they moved to. */
#ifndef MICH_LAUNCH_FAMILY_H
#define MICH_LAUNCH_FAMILY_H

#include <stddef.h>
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

/* The children of a process at one time. */
struct children {
	pid_t *v;
	size_t n;
};

/* Those that the calling process has now; what they hold is freed by children_clear(). */
void children_list(struct children *out);
void children_clear(struct children *c);

/* As family_kill, but what was a child before stays, with all below it, and is not reaped. */
void family_kill_since(const struct children *before);

#endif
