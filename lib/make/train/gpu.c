/* gpu.c - from the key gpus to mich-net-cuda, and back with the device's name. */
#include "lib/make/train/gpu.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/engine.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/make/train/learners.h"
#include "lib/spec/spec.h"
#include "lib/step/attempt.h"
#include "lib/step/step.h"

static void check_program(const struct learner *l, struct step *s)
{
	char *program = engine_libexec(l->gpu_program);

	if (access(program, X_OK) < 0 && !s->lacks) {
		s->lacks = xasprintf(
			"%s is not there: mich was built where NVIDIA's compiler nvcc was not",
			l->gpu_program);
		s->lacks_hint =
			xstrdup("install NVIDIA's CUDA toolkit and build mich again; --set gpus=0 "
				"trains on the CPU");
	}
	free(program);
}

int gpu_describe(const struct spec_node *node, const struct learner *l, struct step *s)
{
	if (!s->limits.gpus || !l->gpu_program)
		return 0;
	if (s->limits.ranks && s->limits.ranks != s->limits.gpus) {
		error_set(
			ERR_INPUT,
			"%s:%d: ranks is %d and gpus is %d: each rank of the learner %s has a GPU of "
			"its own",
			node->file, spec_line(node, "gpus"), s->limits.ranks, s->limits.gpus,
			l->name);
		return error_hint(ERR_INPUT, "leave ranks out, or give both the same number");
	}
	check_program(l, s);
	return 0;
}

void gpu_pass(struct attempt *a)
{
	static const char *const names[] = { "MICH_CUBLASLT", "MICH_NCCL", "CUDA_HOME" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (getenv(names[i]))
			strlist_addf(&a->extra, "%s=%s", names[i], getenv(names[i]));
}

int gpu_take(struct attempt *a)
{
	char *path = path_join(a->out, "engine.json");
	json_t *engine = NULL, *environment = json_object_get(a->facts, "environment");
	int rc = json_read(path, &engine);

	if (!rc && unlink(path) < 0)
		rc = error_errno("cannot remove '%s'", path);
	if (!rc)
		json_object_set(environment, "engine", engine);
	json_decref(engine);
	free(path);
	return rc;
}
