/* job.c - what squeue, sacct and kubectl print of a job. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/launch/jobset.h"
#include "lib/launch/slurm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char why[JOB_WHY_BYTES] = "";
	enum job_state state = JOB_GONE;

	if (slurm_read((const char *)data, n, &state, why) && state >= JOB_GONE)
		abort();
	*why = '\0';
	if (jobset_state((const char *)data, n, &state, why) == 0 && state >= JOB_GONE)
		abort();
	if (strlen(why) >= JOB_WHY_BYTES)
		abort();
	error_clear();
	return 0;
}
