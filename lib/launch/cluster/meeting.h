/* meeting.h - the beginning of a link: who listens where, and how each proves who it is. */
#ifndef MICH_LAUNCH_CLUSTER_MEETING_H
#define MICH_LAUNCH_CLUSTER_MEETING_H

#include "lib/base/strlist.h"
#include "lib/launch/ranks/link.h"

enum { MEETING_WORD_BYTES = 4096 }; /* no message before the welcome is longer */

/* What is proved: by one who joins, and by the hub. Caller frees. */
char *meeting_joins(int node, const char *challenge, const char *nonce);
char *meeting_welcomes(const char *challenge, const char *nonce);

/* The two sides of link_open(); l->peers is there. */
int meeting_hold(struct link *l, int wake);
int meeting_join(struct link *l, int wake);

/*
 * Where a hub that listens on a port of an interface (NULL: all) can be reached: numeric addresses.
 * ERR_INPUT: there is no such interface, or it has no address.
 */
int meeting_addresses(const char *interface, struct strlist *out);

/* A socket's numeric address, an IPv4 one as such; "" where it has none. */
struct sockaddr_storage;
void meeting_name(const struct sockaddr_storage *a, char out[LINK_ADDRESS_BYTES]);

/* This machine since it was started, as one word; "" where that is not known. */
void meeting_machine(char out[LINK_HOST_BYTES]);

/* Find a broken connection to a machine that is gone within half a minute. */
void meeting_keep_alive(int fd);

#endif
