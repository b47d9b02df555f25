/* job.c - what squeue, sacct and kubectl print of a job, and a log of kubectl. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/launch/cluster/jobset.h"
#include "lib/launch/cluster/pods.h"
#include "lib/launch/cluster/slurm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* In two pieces it says what it says in one. */
static void read_log(const char *data, size_t n)
{
	struct stamped s = { .held = BUF_INIT }, whole = { .held = BUF_INIT };
	struct buf one = BUF_INIT, two = BUF_INIT;

	stamped_add(&whole, data, n, &one);
	stamped_end(&whole, &one);
	stamped_add(&s, data, n / 2, &two);
	stamped_add(&s, data + n / 2, n - n / 2, &two);
	stamped_end(&s, &two);
	if (one.len != two.len || memcmp(one.data, two.data, one.len) != 0)
		abort();
	stamped_begin(&s);
	stamped_add(&s, data, n, &two);
	stamped_clear(&s);
	stamped_clear(&whole);
	buf_clear(&one);
	buf_clear(&two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char why[JOB_WHY_BYTES] = "";
	enum job_state state = JOB_GONE;

	if (slurm_read((const char *)data, n, &state, why) && state >= JOB_GONE)
		abort();
	*why = '\0';
	pods_read((const char *)data, n, why);
	if (strlen(why) >= JOB_WHY_BYTES)
		abort();
	*why = '\0';
	if (jobset_state((const char *)data, n, &state, why) == 0 && state >= JOB_GONE)
		abort();
	if (strlen(why) >= JOB_WHY_BYTES)
		abort();
	read_log((const char *)data, n);
	error_clear();
	return 0;
}
