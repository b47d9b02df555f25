/* sid.h - the processes of one session, and which of them wait for a signal. */
#ifndef MICH_LAUNCH_SID_H
#define MICH_LAUNCH_SID_H

#include <sys/types.h>

/* Send sig to each process of the session of leader that has a handler for it. The number signalled. */
int sid_signal(pid_t leader, int sig);

#endif
