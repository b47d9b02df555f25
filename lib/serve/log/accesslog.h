/*
 * accesslog.h - a JSON line a request, or for a share of them: time, client, method, path, status,
 * bytes_in, bytes_out, us, model, version, rows, error, id. Requests that failed at the server
 * (status 500 and up) are all there. Never waits: what there is no room for is dropped and counted.
 */
#ifndef MICH_SERVE_LOG_ACCESSLOG_H
#define MICH_SERVE_LOG_ACCESSLOG_H

#include <stdint.h>

#include "lib/serve/exchange.h"

struct accesslog;

/* path: appended to; "-": stderr. 0 < share <= 1. ERR_IO. */
int accesslog_open(const char *path, double share, struct accesslog **out);
void accesslog_close(struct accesslog *l);

/* Any thread. took_us: from the head of the request to the answer. */
void accesslog_put(struct accesslog *l, const struct ask *q, const struct answer *a,
		   int64_t took_us);
int64_t accesslog_dropped(const struct accesslog *l);

#endif
