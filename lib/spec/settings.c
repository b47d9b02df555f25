/* settings.c - what git config says about mich itself. */
#include "lib/spec/settings.h"

#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/spec/typed.h"

struct setting {
	const char *key;
	bool is_size; /* bytes, else a count from 1 to 1024 */
	const char *fallback;
	size_t at;
	const char *placeholder, *help;
};

#define AT(field) \
	(offsetof(struct settings, field) * _Generic(((struct settings *)0)->field, int64_t : 1))

static const struct setting table[] = {
	{ "mich.jobs", false, "1", AT(jobs), "N",
	  "How many steps *mich build* runs at the same time where *-j* does not say." },
	{ "mich.cacheSize", true, "4G", AT(cache_bytes), "SIZE",
	  "How much room the inputs that are laid down for learners may take under .git/mich. The "
	  "ones that were used longest ago go first; nothing recorded is in it." },
};

static int read_one(const struct setting *s, const char *text, struct settings *out)
{
	int64_t *at = (int64_t *)(void *)((char *)out + s->at);

	if (s->is_size && !typed_size(text, at))
		return error_set(ERR_INPUT, "'%s' must be a size such as 512M or 4G, not '%s'",
				 s->key, text);
	if (!s->is_size && (!typed_int(text, at) || *at < 1 || *at > 1024))
		return error_set(ERR_INPUT, "'%s' must be a whole number from 1 to 1024, not '%s'",
				 s->key, text);
	return 0;
}

int settings_read(settings_lookup lookup, void *payload, struct settings *out)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		char *text = NULL;
		int rc = lookup(payload, table[i].key, &text);

		if (rc >= 0)
			rc = read_one(&table[i], rc ? text : table[i].fallback, out);
		if (rc == ERR_INPUT)
			error_hint(rc, "git config %s %s", table[i].key, table[i].fallback);
		free(text);
		if (rc < 0)
			return rc;
	}
	return 0;
}

void settings_write_scd(struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		buf_addf(out, "*%s* = _%s_\n\t%s Default: %s.\n\n", table[i].key,
			 table[i].placeholder, table[i].help, table[i].fallback);
}
