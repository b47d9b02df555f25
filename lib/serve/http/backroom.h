/*
 * backroom.h - threads that answer large requests, so that a loop goes on with the small ones. An
 * errand holds a copy of its request: the client may leave meanwhile.
 */
#ifndef MICH_SERVE_HTTP_BACKROOM_H
#define MICH_SERVE_HTTP_BACKROOM_H

#include "lib/serve/http/loop.h"

struct backroom;

int backroom_new(struct server *s, struct backroom **out);
void backroom_close(struct backroom *b); /* no thread is left, nothing more is taken */
void backroom_free(struct backroom *b);	 /* closed; what waits is not answered */
size_t backroom_waiting(struct backroom *b);

/* False: the queue is full. */
bool backroom_take(struct backroom *b, struct loop *l, h2o_req_t *req, const struct ask *q);

/* In the loop: send the answer that message brings, if the client is still there. */
void errand_finish(h2o_linklist_t *message);

#endif
