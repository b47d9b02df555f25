/* walls.c - the git folder read-only, the run folder in it not, the inputs in that again. */
#include "lib/step/walls.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/record/repo.h"
#include "lib/step/attempt.h"

/* Bound over itself. path is given. */
static void add(struct walls *w, char *path, bool writable)
{
	strlist_take(&w->path, path);
	w->v[w->n++] = (struct process_bind){ .from = path, .to = path, .writable = writable };
}

/* mich's own folder, or its blobs, may be a link to a larger disk: each is bound by its own name. */
void walls_build(const struct attempt *a, struct walls *w)
{
	const char *mich = repo_mich_dir(a->repo);
	const char *slash = strrchr(mich, '/');
	char *blobs = path_join(mich, "blobs");

	*w = (struct walls){ .path = STRLIST_INIT };
	if (process_can_bind()) {
		add(w, xstrndup(mich, (size_t)(slash - mich)), false);
		add(w, xstrdup(mich), false);
		if (file_is_dir(blobs))
			add(w, xstrdup(blobs), false);
		add(w, xstrdup(a->run.dir), true);
		if (!a->step->limits.copy_inputs)
			add(w, xstrdup(a->in), false);
	}
	free(blobs);
}

void walls_clear(struct walls *w)
{
	strlist_clear(&w->path);
	w->n = 0;
}
