/* gpu_facts.h - what there is on this machine to train on. */
#ifndef MICH_LEARN_CUDA_GPU_FACTS_H
#define MICH_LEARN_CUDA_GPU_FACTS_H

#include <stdbool.h>

#include "lib/base/json.h"

/*
 * {"runtime":"13.0","driver":"13.0","devices":[{"name","uuid","bus","bytes","capability"}],
 * "cublaslt":{"version","path"},"nccl":{"version","path"}}. "driver" is null where there is none. What
 * cannot be used has "error" and "hint" instead; of the devices they stand at the top. A new reference.
 */
json_t *gpu_facts(void);

struct device;

/*
 * What a training runs on: {"mich-net-cuda":"0.1.0","device":"NVIDIA H200","uuid","capability","driver",
 * "runtime","cublaslt":"13.1.0","nccl":"2.28.9"}; cublaslt is null where products are our own, nccl is
 * there with several ranks. A new reference.
 */
json_t *gpu_facts_used(struct device *d, bool ranks);

#endif
