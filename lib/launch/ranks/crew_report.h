/* crew_report.h - how the ranks of one launcher came to fail, in words and figures; inside lib/launch only. */
#ifndef MICH_LAUNCH_RANKS_CREW_REPORT_H
#define MICH_LAUNCH_RANKS_CREW_REPORT_H

#include "lib/base/json.h"
#include "lib/launch/ranks/ranks.h"

enum { EXIT_AGAIN = 75 }; /* of a rank that asks to be run again later */

enum { CREW_REASON_BYTES = 2048 };

/* What the launcher tells mich, in memory that both have. */
struct crew_report {
	int restarts;
	int failed; /* the rank; -1: none, and what follows says nothing */
	int end, exit_code, signal;
	bool follows;	  /* it only says that another one is gone */
	bool by_itself;	  /* it fell over nobody */
	int64_t error_ns; /* since 1970: when it left its error file; 0: it has not */
	int64_t step, stop_ms;
	char lines[RANKS_LINES_BYTES], reason[CREW_REASON_BYTES];
};

struct crew;

/* All of c->failed, and nothing of the restarts; secrets are masked. */
void crew_report_fill(const struct crew *c, struct crew_report *out);

/* The reason is set, and its code returned. */
int crew_report_code(const struct crew_report *r);

/* Is what one launcher says of a failure a better reason for it than what another says? */
bool crew_report_better(const struct crew_report *r, const struct crew_report *than);

/* As one launcher tells another; parsing takes any bytes. New reference; ERR_CORRUPT. */
json_t *crew_report_json(const struct crew_report *r);
int crew_report_parse(const char *data, size_t n, struct crew_report *out);

#endif
