/* life.c - a number in the run's folder. */
#include "lib/launch/life.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/file.h"

int life_begin(const char *dir, int restart)
{
	char *path = path_join(dir, "life"), text[16];
	int n = snprintf(text, sizeof text, "%d\n", restart), rc = 0;

	if (restart > 0)
		rc = file_write(path, text, (size_t)n);
	free(path);
	return rc;
}

bool life_is_over(const char *dir, int restart)
{
	char *path = path_join(dir, "life");
	struct buf b = BUF_INIT;
	bool over = false;

	if (file_exists(path) && file_read(path, &b) < 0)
		error_clear();
	else if (b.len)
		over = strtol(b.data, NULL, 10) > restart;
	buf_clear(&b);
	free(path);
	return over;
}
