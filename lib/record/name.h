/* name.h - how versions are named: kind/name@rev, and NAMESPACE/NAME@rev where released. */
#ifndef MICH_RECORD_NAME_H
#define MICH_RECORD_NAME_H

#include <stdbool.h>
#include <stdint.h>

enum { NAME_MAX_LEN = 128 };

/* [a-z0-9][a-z0-9_-]*. what ("name", "kind") goes into the error. ERR_INPUT. */
int name_check(const char *what, const char *text);

enum rev_type { REV_NONE, REV_NUMBER, REV_ID, REV_LATEST, REV_RELEASE, REV_WORD };

struct name {
	char kind[NAME_MAX_LEN + 1]; /* or the namespace; "" when not given */
	char name[NAME_MAX_LEN + 1];
	char rev[NAME_MAX_LEN + 1]; /* "" when not given */
	enum rev_type rev_type;
	int64_t number;	      /* REV_NUMBER */
	int64_t major, minor; /* REV_RELEASE */
};

/* `[kind/]name[@rev]`; whether it exists is another question. ERR_INPUT says what is wrong. */
int name_parse(const char *text, struct name *out);

/* Exactly MAJOR.MINOR, without leading zeros. ERR_INPUT. */
int name_parse_release(const char *text, int64_t *major, int64_t *minor);

/* A word that design gives to a kind of version, so that it can be no namespace. */
bool name_is_kind(const char *word);

#endif
