/*
 * orders.h - what mich tells its agents on other machines: a file in the run's folder, which all of them
 * see. Nothing secret is in it; secrets and the token come in the agents' environment.
 */
#ifndef MICH_LAUNCH_CLUSTER_ORDERS_H
#define MICH_LAUNCH_CLUSTER_ORDERS_H

#include "lib/base/json.h"
#include "lib/launch/cluster/cluster.h"

enum { ORDERS_VERSION = 1 };

struct orders {
	struct ranks_plan plan; /* its texts lie in .file; node and link are not set */
	enum cluster_engine engine;
	int agents;	       /* how many there are in all */
	int slots;	       /* of them on each machine */
	bool mpi;	       /* each has one rank, a process of MPI */
	int gpus;	       /* of each machine; 0: none asked for */
	bool all_gpus;	       /* each rank sees all of them */
	const char *interface; /* NULL: any */
	struct strlist env;    /* NAME=VALUE */
	struct strlist secret; /* names */
	json_t *file;
	struct process_bind *binds; /* owned */
	const char **argv;	    /* owned; NULL: a command */
};

/* "orders.json" and "mark" in dir. ERR_INPUT: something is not UTF-8 and cannot be told. */
int orders_write(const struct cluster_plan *plan, const char *token);

/*
 * Read them on a node. ERR_INPUT: dir has no mark, or that of another run, so it is not the folder that
 * mich made; ERR_CORRUPT: they are of another mich. orders_clear() them, after errors too.
 */
int orders_read(const char *dir, const char *token, struct orders *out);
void orders_clear(struct orders *o);

#endif
