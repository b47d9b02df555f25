/* xgboost_team.c - the tracker, and joining it. */
#include "lib/learn/xgboost/xgboost_team.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/json.h"

enum {
	/* A rank may train one round for long while the others wait: the launcher knows who is gone. */
	PATIENCE_S = 7 * 24 * 3600,
	JOIN_TRIES = 60, /* a second or so each: the tracker of another machine may come later */
	BLAME_MS = 2000, /* in which the launcher says who failed */
	TEXT = 400,
};

struct place {
	char address[INET_ADDRSTRLEN];
	int port;
};

/* MASTER_ADDR as numbers, since not every XGBoost asks what a name means. */
static int find_address(char out[INET_ADDRSTRLEN])
{
	const char *name = getenv("MASTER_ADDR");
	struct addrinfo want = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *found;
	int rc;

	if (!name || !*name)
		name = "127.0.0.1";
	rc = getaddrinfo(name, NULL, &want, &found);
	if (rc)
		return error_set(ERR_INPUT, "cannot find rank 0: MASTER_ADDR is '%s': %s", name,
				 gai_strerror(rc));
	inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)found->ai_addr)->sin_addr,
		  out, INET_ADDRSTRLEN);
	freeaddrinfo(found);
	return 0;
}

/* Where ranks of other machines look for it; 0: the system chooses. */
static int find_port(const struct team *team, int *out)
{
	const char *text = getenv("MASTER_PORT");

	*out = 0;
	if (team_is_whole(team))
		return 0;
	if (!text || sscanf(text, "%d", out) != 1 || *out < 1 || *out > 65535)
		return error_set(ERR_INPUT,
				 "cannot find rank 0: MASTER_PORT is '%s', which is no port",
				 text ? text : "");
	return 0;
}

static int read_port(const char *args, int *out)
{
	json_t *v = NULL;
	int rc = json_parse(args, strlen(args), "what the tracker says", &v);

	if (!rc)
		*out = (int)json_int(v, "dmlc_tracker_port", 0);
	json_decref(v);
	return rc;
}

static int run_tracker(struct xgboost_team *t, struct place *at)
{
	const char *args;
	char config[TEXT];

	snprintf(config, sizeof config,
		 "{\"dmlc_communicator\":\"rabit\",\"n_workers\":%d,\"host\":\"%s\",\"port\":%d,"
		 "\"timeout\":%d,\"sortby\":1}",
		 t->ranks, at->address, at->port, PATIENCE_S);
	if (t->api->tracker_create(config, &t->tracker) || t->api->tracker_run(t->tracker, "{}") ||
	    t->api->tracker_args(t->tracker, &args))
		return xgboost_api_error(t->api, ERR_FAIL, "cannot let the ranks find each other");
	return read_port(args, &at->port);
}

static int join(struct xgboost_team *t, const struct place *at)
{
	char config[TEXT];

	snprintf(
		config, sizeof config,
		"{\"dmlc_communicator\":\"rabit\",\"dmlc_tracker_uri\":\"%s\",\"dmlc_tracker_port\":%d,"
		"\"dmlc_task_id\":\"%06d\",\"dmlc_retry\":%d,\"dmlc_timeout\":%d}",
		at->address, at->port, t->rank, JOIN_TRIES, PATIENCE_S);
	if (t->api->join(config))
		return xgboost_api_error(t->api, ERR_FAIL, "cannot join the other ranks");
	t->joined = true;
	return 0;
}

int xgboost_team_open(struct xgboost_api *api, struct team *team, struct xgboost_team *out)
{
	struct place at = { .port = 0 };
	int rc;

	*out = (struct xgboost_team){
		.api = api, .team = team, .rank = team_rank(team), .ranks = team_ranks(team)
	};
	if (out->ranks == 1)
		return 0;
	if ((rc = xgboost_api_ranks(api)) || (rc = find_address(at.address)) ||
	    (rc = find_port(team, &at.port)) || (out->rank == 0 && (rc = run_tracker(out, &at))) ||
	    (team_is_whole(team) && (rc = team_share(team, &at.port, sizeof at.port))))
		return rc;
	return join(out, &at);
}

int xgboost_team_share(struct xgboost_team *t, void *bytes, size_t n)
{
	if (!t->joined || !n || !t->api->broadcast(bytes, n, 0))
		return 0;
	return xgboost_api_error(t->api, ERR_FAIL, "cannot tell the other ranks");
}

int xgboost_team_close(struct xgboost_team *t, bool failed)
{
	int rc = 0;

	/* Whoever failed waits for nobody: what is left ends with the process. */
	if (!t->joined || failed)
		return 0;
	if (t->api->leave() || (t->tracker && (t->api->tracker_wait(t->tracker, "{}") ||
					       t->api->tracker_free(t->tracker))))
		rc = xgboost_api_error(t->api, ERR_FAIL, "cannot part from the other ranks");
	t->joined = false;
	return rc;
}

int xgboost_team_blame(struct xgboost_team *t, int rc)
{
	struct timespec nap = { .tv_nsec = 10 * 1000000L };
	int64_t end_us = clock_mono_us() + BLAME_MS * 1000;

	if (rc != ERR_FAIL || t->ranks < 2)
		return rc;
	while (!team_aborted(t->team) && clock_mono_us() < end_us)
		nanosleep(&nap, NULL);
	if (!team_aborted(t->team))
		return rc;
	return error_set(ERR_INTERRUPT, "rank %d stops: another rank has failed", t->rank);
}
