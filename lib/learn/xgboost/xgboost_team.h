/* xgboost_team.h - the ranks of one training as XGBoost's communicator joins them. */
#ifndef MICH_LEARN_XGBOOST_XGBOOST_TEAM_H
#define MICH_LEARN_XGBOOST_XGBOOST_TEAM_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/learn/team/team.h"
#include "lib/learn/xgboost/xgboost_api.h"

struct xgboost_team {
	const struct xgboost_api *api;
	struct team *team;
	int rank, ranks;
	void *tracker; /* in rank 0: where the others find each other */
	bool joined;
};

/*
 * Meet the others: rank 0 runs the tracker in threads of its own, all of them join its communicator. From then on
 * what this thread asks of XGBoost is done by all ranks together, and each must ask for the same things in
 * the same order. One rank: nothing happens. The team is borrowed. ERR_ENGINE: XGBoost is too old;
 * ERR_FAIL; ERR_INTERRUPT: another rank has failed.
 *
 * The tracker listens at MASTER_ADDR. Where all ranks are on one machine rank 0 tells the others its port, which
 * the system chose; else it is MASTER_PORT.
 */
int xgboost_team_open(struct xgboost_api *api, struct team *team, struct xgboost_team *out);

/* n bytes of rank 0 take the place of the others', wherever these are. ERR_FAIL. */
int xgboost_team_share(struct xgboost_team *t, void *bytes, size_t n);

/* Part again, when all is done; of a rank that failed: leave the others behind. */
int xgboost_team_close(struct xgboost_team *t, bool failed);

/*
 * Training failed with rc, its reason set. Where XGBoost failed since another rank is gone, this is what is
 * said instead: ERR_INTERRUPT.
 */
int xgboost_team_blame(struct xgboost_team *t, int rc);

#endif
