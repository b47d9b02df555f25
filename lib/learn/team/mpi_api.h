/*
 * mpi_api.h - the door to OpenMPI: what is used of its C interface, opened at run time. Only in a process that
 * mpirun or srun placed: any other is rank 0 of 1 to OpenMPI.
 *
 * Handles are pointers in OpenMPI and numbers in MPICH, whose library is refused by its name.
 */
#ifndef MICH_LEARN_TEAM_MPI_API_H
#define MICH_LEARN_TEAM_MPI_API_H

#include <stdbool.h>

enum {
	MPI_API_FUNNELED = 1
}; /* MPI_THREAD_FUNNELED: the thread that opened it is the one that calls */

/* Each gives 0, or a code that error_string() knows. The names and the order of arguments are the standard's. */
struct mpi_api {
	void *world, *bytes, *floats; /* MPI_COMM_WORLD, MPI_BYTE, MPI_FLOAT */
	void *errors_return;

	int (*init_thread)(int *argc, char ***argv, int wanted, int *given);
	int (*finalize)(void);
	int (*abort)(void *comm, int code);
	int (*set_errhandler)(void *comm, void *handler);
	int (*error_string)(int code, char *text, int *len);
	int (*rank)(void *comm, int *out);
	int (*size)(void *comm, int *out);
	int (*all_to_all)(const void *send, const int *counts, const int *at, void *type,
			  void *receive, const int *receive_counts, const int *receive_at,
			  void *receive_type, void *comm, void **request);
	int (*gather_all)(const void *send, int count, void *type, void *receive,
			  const int *receive_counts, const int *receive_at, void *receive_type,
			  void *comm, void **request);
	int (*broadcast)(void *buffer, int count, void *type, int root, void *comm, void **request);
	int (*barrier)(void *comm, void **request);
	int (*test)(void **request, int *done, void *status); /* status NULL: MPI_STATUS_IGNORE */
};

/* Did mpirun or srun start this process? As their variables say. */
bool mpi_api_placed(void);

/* Find it ($MICH_MPI, libmpi.so.40), load it and bind; nothing of it runs yet. ERR_ENGINE. */
int mpi_api_open(struct mpi_api *out);

/* "<what>: <what MPI says of code>". ERR_FAIL. */
int mpi_api_error(const struct mpi_api *api, int code, const char *what);

#endif
