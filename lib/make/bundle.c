/* bundle.c - start mich-bundle and wait for it. */
#include "lib/make/bundle.h"

#include <stdlib.h>

#include "lib/base/buf.h"
#include "lib/base/engine.h"
#include "lib/launch/process.h"

int bundle_run(const char *verb, const char *from, const char *to)
{
	char *program = engine_libexec("mich-bundle");
	const char *const argv[] = { program, verb, from, to, NULL };
	struct buf said = BUF_INIT;
	int rc = process_capture(argv, 0, &said);

	buf_clear(&said);
	free(program);
	return rc;
}
