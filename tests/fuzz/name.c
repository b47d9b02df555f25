/* name.c - any text as the name of a version, and as a date. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/record/date.h"
#include "lib/record/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1);
	struct name name;
	int64_t seconds;
	int zone = 0;

	memcpy(text, data, n);
	text[n] = '\0';
	if (name_parse(text, &name) == 0 &&
	    (name_check("name", name.name) < 0 || strlen(text) > 3 * NAME_MAX_LEN + 2))
		abort();
	date_parse(text, &seconds, &zone);
	free(text);
	return 0;
}
