/* mpi_api.c - loading libmpi. */
#include "lib/learn/team/mpi_api.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/engine.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"

enum { TEXT_BYTES = 512 }; /* MPI_MAX_ERROR_STRING is 256 */

bool mpi_api_placed(void)
{
	/* mpirun; srun --mpi=pmix; srun --mpi=pmi2 */
	static const char *const names[] = { "OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (getenv(names[i]))
			return true;
	return false;
}

static int missing(const char *why)
{
	error_set(ERR_ENGINE, "cannot load OpenMPI: %s", why);
	return error_hint(ERR_ENGINE,
			  "install it on every machine (apt install libopenmpi3), or name "
			  "it: export MICH_MPI=/path/to/libmpi.so.40");
}

static int bind(void *handle, struct mpi_api *api)
{
	const struct engine_symbol symbols[] = {
		{ "ompi_mpi_comm_world", &api->world },
		{ "ompi_mpi_byte", &api->bytes },
		{ "ompi_mpi_float", &api->floats },
		{ "ompi_mpi_errors_return", &api->errors_return },
		{ "MPI_Init_thread", &api->init_thread },
		{ "MPI_Finalize", &api->finalize },
		{ "MPI_Abort", &api->abort },
		{ "MPI_Comm_set_errhandler", &api->set_errhandler },
		{ "MPI_Error_string", &api->error_string },
		{ "MPI_Comm_rank", &api->rank },
		{ "MPI_Comm_size", &api->size },
		{ "MPI_Ialltoallv", &api->all_to_all },
		{ "MPI_Iallgatherv", &api->gather_all },
		{ "MPI_Ibcast", &api->broadcast },
		{ "MPI_Ibarrier", &api->barrier },
		{ "MPI_Test", &api->test },
	};

	return engine_symbols("OpenMPI", handle, symbols, ARRAY_LEN(symbols));
}

int mpi_api_open(struct mpi_api *out)
{
	const char *path = getenv("MICH_MPI");
	/* its parts are libraries of their own, which look for its names in all that is loaded */
	void *handle = dlopen(path && *path ? path : "libmpi.so.40", RTLD_NOW | RTLD_GLOBAL);

	*out = (struct mpi_api){ 0 };
	if (!handle)
		return missing(dlerror());
	if (!dlsym(handle, "ompi_mpi_comm_world"))
		return missing("what $MICH_MPI names is another MPI");
	return bind(handle, out);
}

int mpi_api_error(const struct mpi_api *api, int code, const char *what)
{
	char text[TEXT_BYTES] = "";
	int len = 0;

	if (api->error_string(code, text, &len))
		snprintf(text, sizeof text, "code %d", code);
	return error_set(ERR_FAIL, "%s: %s", what, text);
}
