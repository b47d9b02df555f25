/* host_work.h - what is put into a stream: done at once, or written down while a graph is captured. */
#ifndef MICH_TESTS_CUDA_HOST_WORK_H
#define MICH_TESTS_CUDA_HOST_WORK_H

#include <vector>

#include "tests/cuda/host.h"

struct host_work {
	const char *kernel; /* NULL: no kernel, a copy */
	dim3 grid, block;
	std::function<void()> body;
};

void host_do(const host_work &w, void *stream = NULL);
void host_join(void);  /* do what a branch has put off */
extern char host_side; /* its address is the branch's stream */

/* For work that waits: asks whom device_watch named. Not 0: stop, who waits for the stream asks the same. */
int host_watched(void);
extern std::vector<host_work> *host_written; /* NULL: nothing is captured */

#endif
