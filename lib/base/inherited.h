/*
 * inherited.h - what a program inherits from whoever starts it and did not ask for, put right; the first thing
 * that main does.
 */
#ifndef MICH_BASE_INHERITED_H
#define MICH_BASE_INHERITED_H

/*
 * 0, or the reason with a hint.
 *
 * Descriptors 0 to 2 that are closed: the next file opened would be one of them, and what is printed would go
 * into it. Nothing comes from 0 then, what is written to 2 is lost, and to 1 fails with EBADF.
 *
 * Signals: none is blocked. SIGCHLD has its default, since ignored it takes the exit status of children away,
 * and SIGPIPE, which some languages' runtimes leave ignored. A file that grows past its limit is an error, not
 * the end. What says that a signal is not for us (nohup, a job in the background) stays: SIGINT, SIGHUP and
 * others that are ignored are ignored.
 *
 * Stack: up to 8 MiB, as far as the hard limit goes, and at least 2 MiB for each thread. ERR_FAIL where the
 * limit leaves less than 256 KiB.
 */
int inherited_settle(void);

#endif
