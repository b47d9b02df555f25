/* options.c - the settings of a repository. */
#include "lib/step/options.h"

#include "lib/record/repo.h"

static int lookup(void *payload, const char *key, char **out)
{
	return repo_config(payload, key, out);
}

int options_read(struct repo *r, struct settings *out)
{
	return settings_read(lookup, r, out);
}
