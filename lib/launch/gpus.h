/* gpus.h - the GPUs of this machine, as its driver tells them, and which of them a rank sees. */
#ifndef MICH_LAUNCH_GPUS_H
#define MICH_LAUNCH_GPUS_H

#include <stdbool.h>

#include "lib/base/strlist.h"

struct gpus {
	struct strlist
		bus; /* "0000:17:00.0", sorted: the order in which CUDA_DEVICE_ORDER=PCI_BUS_ID counts */
	struct strlist
		uuid; /* "GPU-..." of each, or as CUDA_VISIBLE_DEVICES calls it: a number, "MIG-..." */
	struct strlist seen; /* of gpus_deal: a rank's CUDA_VISIBLE_DEVICES */
	struct strlist
		near; /* of gpus_deal: the cores near a rank's GPUs, "0-15,32-47"; "": not known */
};

/*
 * List those that the driver shows in proc/driver/nvidia/gpus of the machine whose files begin at root
 * (NULL: this one's), and that visible, the value of CUDA_VISIBLE_DEVICES, leaves (NULL: all; numbers or
 * UUIDs, the first that is no device ends the list, as in CUDA). No such folder: none; but where root is NULL,
 * as in a container that does not show it, mich-net-cuda is asked, which asks the driver.
 */
void gpus_list(const char *root, const char *visible, struct gpus *out);

/*
 * Take the first want of those listed for so many ranks: each sees all (a program that picks by
 * LOCAL_RANK), or only its own: one, in turn where there are fewer than ranks, or as many neighbours as
 * there are more. What cores are near them comes from the PCI bus in root's sys.
 * ERR_ENGINE: there are fewer than want.
 */
int gpus_deal(const char *root, int want, int ranks, bool all, struct gpus *g);

/* Both, of this machine. */
int gpus_choose(int want, int ranks, bool all, struct gpus *out);
void gpus_clear(struct gpus *g);

#endif
