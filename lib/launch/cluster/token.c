/* token.c - random words and proofs of them. */
#define _GNU_SOURCE
#include "lib/launch/cluster/token.h"

#include <string.h>
#include <sys/random.h>

#include "lib/base/error.h"

enum { BLOCK = 64 }; /* of SHA-256 */

int token_make(char out[TOKEN_BYTES])
{
	unsigned char raw[HASH_BYTES];

	if (getrandom(raw, sizeof raw, 0) != (ssize_t)sizeof raw)
		return error_errno("cannot make a token for the agents");
	for (size_t i = 0; i < sizeof raw; i++) {
		out[2 * i] = "0123456789abcdef"[raw[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[raw[i] & 15];
	}
	out[2 * sizeof raw] = '\0';
	return 0;
}

static void pad(const unsigned char key[BLOCK], unsigned char with, struct hash *h)
{
	unsigned char block[BLOCK];

	for (size_t i = 0; i < BLOCK; i++)
		block[i] = key[i] ^ with;
	hash_init(h);
	hash_add(h, block, sizeof block);
}

void token_proof(const char *token, const char *text, char out[TOKEN_PROOF_BYTES])
{
	unsigned char key[BLOCK] = { 0 }, inner[HASH_BYTES];
	struct hash h;

	if (strlen(token) <= BLOCK) {
		memcpy(key, token, strlen(token));
	} else {
		hash_init(&h);
		hash_add(&h, token, strlen(token));
		hash_raw(&h, key);
	}
	pad(key, 0x36, &h);
	hash_add(&h, text, strlen(text));
	hash_raw(&h, inner);
	pad(key, 0x5c, &h);
	hash_add(&h, inner, sizeof inner);
	hash_hex(&h, out);
}

bool token_proves(const char *token, const char *text, const char *proof)
{
	char right[TOKEN_PROOF_BYTES];
	unsigned char differ = 0;

	token_proof(token, text, right);
	if (strlen(proof) != HASH_HEX)
		return false;
	for (size_t i = 0; i < HASH_HEX; i++)
		differ |= (unsigned char)(right[i] ^ proof[i]);
	return !differ;
}
