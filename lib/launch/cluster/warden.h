/*
 * warden.h - a process that stays when mich is killed, and then takes back what mich has asked of another
 * program's queue. What runs on other machines is below no guard of ours.
 */
#ifndef MICH_LAUNCH_CLUSTER_WARDEN_H
#define MICH_LAUNCH_CLUSTER_WARDEN_H

#include <stdbool.h>
#include <sys/types.h>

struct warden {
	pid_t pid; /* 0: none */
	int fd;
};

/*
 * Begin to watch. argv (NULL-ended) is run when mich ends in any way before warden_end(), and then twice
 * again, a second between, since what was asked may arrive after it.
 */
int warden_start(const char *const *argv, struct warden *out);

/* No more of it; with run, argv is run once first. */
void warden_end(struct warden *w, bool run);

#endif
