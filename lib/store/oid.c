/* oid.c - the name of a git object. */
#include "lib/store/oid.h"

#include <string.h>

void oid_hex(const struct oid *id, char out[OID_HEX + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < OID_BYTES; i++) {
		out[2 * i] = digits[id->b[i] >> 4];
		out[2 * i + 1] = digits[id->b[i] & 15];
	}
	out[OID_HEX] = '\0';
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool oid_parse(const char *text, struct oid *out)
{
	for (int i = 0; i < OID_BYTES; i++) {
		int hi = digit_value(text[2 * i]);
		int lo = hi < 0 ? -1 : digit_value(text[2 * i + 1]);

		if (lo < 0)
			return false;
		out->b[i] = (unsigned char)(hi << 4 | lo);
	}
	return true;
}

bool oid_equal(const struct oid *a, const struct oid *b)
{
	return !memcmp(a->b, b->b, OID_BYTES);
}

bool oid_is_zero(const struct oid *id)
{
	static const struct oid zero;

	return oid_equal(id, &zero);
}

int oid_compare(const void *a, const void *b)
{
	return memcmp(((const struct oid *)a)->b, ((const struct oid *)b)->b, OID_BYTES);
}
