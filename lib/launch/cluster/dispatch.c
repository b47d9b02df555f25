/* dispatch.c - words for command lines of engines. */
#define _GNU_SOURCE
#include "lib/launch/cluster/dispatch.h"

#include <ctype.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/engine.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/launch/cluster/token.h"

int dispatch_find(const char *program, const char *package)
{
	const char *path = getenv("PATH");
	struct strlist dirs = STRLIST_INIT;
	bool found = false;

	strlist_split(&dirs, path ? path : "/usr/bin:/bin", ":");
	for (size_t i = 0; i < dirs.n && !found; i++) {
		char *file = path_join(dirs.v[i], program);

		found = access(file, X_OK) == 0 && !file_is_dir(file);
		free(file);
	}
	strlist_clear(&dirs);
	if (found)
		return 0;
	error_set(ERR_ENGINE, "cannot find %s on PATH", program);
	return error_hint(ERR_ENGINE, "install %s, or train here: --launch local", package);
}

void dispatch_names(const struct cluster_plan *plan, const char *option, struct strlist *argv)
{
	strlist_add(argv, option);
	strlist_add(argv, TOKEN_VARIABLE);
	for (size_t i = 0; plan->secret && i < plan->secret->n; i++) {
		strlist_add(argv, option);
		strlist_add(argv, plan->secret->v[i]);
	}
}

void dispatch_agent(const struct cluster_plan *plan, struct strlist *argv)
{
	if (plan->agent || plan->engine == CLUSTER_K8S) /* an image has it where it likes */
		strlist_add(argv, plan->agent ? plan->agent : "mich");
	else
		strlist_take(argv, engine_self());
	strlist_add(argv, "agent");
	strlist_add(argv, plan->dir);
}

char *dispatch_name(const struct cluster_plan *plan)
{
	char *name = xasprintf("mich-%s", plan->ranks.run_id);

	for (char *p = name; *p; p++)
		*p = isalnum((unsigned char)*p) ? (char)tolower((unsigned char)*p) : '-';
	return name;
}

enum { AGENT_MS = 5000 }; /* for the agents, to say what came of it once their ranks have ended */

struct process_plan dispatch_process(const struct cluster_plan *plan)
{
	const struct process_plan *p = &plan->ranks.process;

	return (struct process_plan){ .log_path = p->log_path,
				      .echo = p->echo,
				      .echo_ranks = p->echo_ranks,
				      .time_limit_ms = p->time_limit_ms,
				      .grace_ms = (p->grace_ms ? p->grace_ms : RANKS_GRACE_MS) +
						  AGENT_MS,
				      .tick = p->tick,
				      .tick_payload = p->tick_payload,
				      .forward = true,
				      .mask = p->mask };
}
