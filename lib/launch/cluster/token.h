/*
 * token.h - what the agents of one run know and nobody else: a random word that travels in the
 * environment alone. Who knows it shows that by a proof, HMAC-SHA256 (RFC 2104) over what was asked.
 */
#ifndef MICH_LAUNCH_CLUSTER_TOKEN_H
#define MICH_LAUNCH_CLUSTER_TOKEN_H

#include <stdbool.h>

#include "lib/base/hash.h"

/* The variable that has it. */
#define TOKEN_VARIABLE "MICH_AGENT_TOKEN"

enum { TOKEN_BYTES = HASH_HEX + 1, TOKEN_PROOF_BYTES = HASH_HEX + 1 };

int token_make(char out[TOKEN_BYTES]); /* 64 hexadecimal digits; ERR_IO */

/* The proof over text, in hexadecimal. */
void token_proof(const char *token, const char *text, char out[TOKEN_PROOF_BYTES]);

/* Is it the proof over text? In the same time wherever it differs. */
bool token_proves(const char *token, const char *text, const char *proof);

#endif
