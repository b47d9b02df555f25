/*
 * predlog.h - the prediction log: what was asked and answered, row by row, in JSON lines that are read
 * as a table. A model's rows are in DIR/NAME/VERSION-ID/TIME-PID-N.jsonl, a new file every 64 MiB;
 * the columns are
 *
 *	mich_id mich_row mich_time mich_model mich_version mich_model_id mich_client
 *
 * then the model's inputs as they were scored, then its outputs; an output that is named like an
 * input is written as mich_OUTPUT. Never waits: what there is no room for is dropped and counted.
 */
#ifndef MICH_SERVE_LOG_PREDLOG_H
#define MICH_SERVE_LOG_PREDLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/serve/exchange.h"

struct predlog;

enum { PREDLOG_ID_BYTES = 40 };

/* dir is made; 0 < share <= 1 of the requests. ERR_IO. */
int predlog_open(const char *dir, double share, struct predlog **out);
void predlog_close(struct predlog *p);

/* Any thread. True: this request is one of the share. */
bool predlog_wants(struct predlog *p);
/* An id for a request that has none; no two of any server are alike. */
void predlog_new_id(struct predlog *p, char out[PREDLOG_ID_BYTES]);
/* The rows of an answer that has them (rows_in), under its id. */
void predlog_put(struct predlog *p, const struct ask *q, const struct answer *a);
int64_t predlog_dropped(const struct predlog *p); /* rows */

#endif
