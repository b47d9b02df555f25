/*
 * client.h - a model that a server has, asked for rows: frames in and out, as with a model that is
 * here, through the Open Inference Protocol.
 */
#ifndef MICH_SERVE_CLIENT_CLIENT_H
#define MICH_SERVE_CLIENT_CLIENT_H

#include "lib/base/frame.h"
#include "lib/model/contract.h"

struct client;
struct wire;

/*
 * model: "eta", or "eta@2.1" for no other version. w is taken. ERR_NOT_FOUND: the server has no such
 * model; ERR_CORRUPT: it does not speak the protocol; errors of wire_ask.
 */
int client_open(struct wire *w, const char *model, struct client **out);
void client_close(struct client *c);

/* Names and types of the inputs, as far as the protocol tells them: times are text. */
const struct contract *client_contract(const struct client *c);

/*
 * Outputs of all rows of in, borrowed until the next call; floats stand in double columns. Columns that
 * are not the model's are not sent. ERR_INPUT: the server refuses the rows, with its reason.
 */
int client_score(struct client *c, const struct frame *in, struct frame *out);

#endif
