/* gpus.h - the GPUs of this machine, as its driver tells them, and which of them a rank sees. */
#ifndef MICH_LAUNCH_GPUS_H
#define MICH_LAUNCH_GPUS_H

#include <stdbool.h>

#include "lib/base/strlist.h"

struct gpus {
	struct strlist
		bus; /* "0000:17:00.0", sorted: the order in which CUDA_DEVICE_ORDER=PCI_BUS_ID counts */
	struct strlist uuid; /* "GPU-..." of each */
	struct strlist seen; /* of gpus_choose: a rank's CUDA_VISIBLE_DEVICES */
};

/*
 * List those below a folder as the driver has it, NULL: /proc/driver/nvidia/gpus, that visible, the
 * value of CUDA_VISIBLE_DEVICES, leaves (NULL: all; numbers or UUIDs, the first that is no device ends
 * the list, as in CUDA). No such folder: none; but where dir is NULL, as in a container that does not show it,
 * mich-net-cuda is asked, which asks the driver.
 */
void gpus_list(const char *dir, const char *visible, struct gpus *out);

/*
 * Take the first want of them for so many ranks: each sees all (a program that picks by LOCAL_RANK), or
 * only its own, in turn. ERR_ENGINE: there are fewer.
 */
int gpus_choose(int want, int ranks, bool all, struct gpus *out);
void gpus_clear(struct gpus *g);

#endif
