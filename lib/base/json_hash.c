/* json_hash.c - the hash of a value: apart from json.c, so that who only scores needs no libcrypto. */
#include "lib/base/hash.h"
#include "lib/base/json.h"

void json_hash(const json_t *v, char out[65])
{
	struct buf b = BUF_INIT;

	json_canonical(v, &b);
	hash_data(b.data, b.len, out);
	buf_clear(&b);
}
