/*
 * allies.h - a crew and those of other machines (link.h): rounds begin and end together, the first failure
 * anywhere stops all. Agent 0's crew leads; the others follow. Inside lib/launch only.
 */
#ifndef MICH_LAUNCH_RANKS_ALLIES_H
#define MICH_LAUNCH_RANKS_ALLIES_H

#include "lib/launch/ranks/crew.h"

int allies_open(struct crew *c); /* meet; as link_open() */
void allies_close(struct crew *c);

/* Who leads: tell all to start a round as c->round has it. */
void allies_start(struct crew *c);

/* Who leads, after a lost round: wait until all ranks everywhere are gone; c->report is then the best reason. */
void allies_gather(struct crew *c);

/* Who leads, at the end: let all go, with what they have still to say. */
void allies_part(struct crew *c);

/* Who follows: all rounds, until told that it was the last. ERR_FAIL: who leads is gone. */
int allies_follow(struct crew *c);

/* The ranks run: what is heard from now on concerns them. And they do no more. */
void allies_enter(struct crew *c);
void allies_leave(struct crew *c);

/* In a round: its connections are to be watched; something has come on one; is anybody still busy? */
void allies_watch(struct crew *c);
void allies_take(struct crew *c, int peer);
bool allies_are_busy(const struct crew *c);

void allies_tell_failure(struct crew *c); /* a rank of ours has failed, or hangs */
void allies_tell_done(struct crew *c);	  /* all of ours have ended well; again: nothing */
void allies_tell_id(struct crew *c, const char *id, size_t n);

/* Who follows: send the log to who leads; how many bytes have not gone yet. */
size_t allies_pass_log(struct crew *c);

#endif
