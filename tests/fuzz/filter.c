/* filter.c - fuzz: a condition of `ls --where`, from any bytes. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/catalog/filter.h"

/* Even words are columns, of every type in turn; odd ones do not exist. */
static int find(void *payload, const char *name, struct buf *sql, enum filter_type *type)
{
	size_t n = strlen(name);

	(void)payload;
	if (n % 2)
		return error_set(ERR_INPUT, "unknown column '%s'", name);
	buf_addstr(sql, "v.c");
	*type = (enum filter_type)(n / 2 % FILTER_CONDITION);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct filter f;

	filter_parse((const char *)data, size, 1, find, NULL, &f);
	filter_clear(&f);
	return 0;
}
