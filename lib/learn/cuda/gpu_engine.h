/*
 * gpu_engine.h - a GPU as what a training runs on: mich-net-cuda's engine. Of several GPUs that the process
 * sees it takes the one of its LOCAL_RANK; the launcher shows each rank its own alone. Ranks sum through
 * NCCL, in the order of the ranks where determinism is world.
 */
#ifndef MICH_LEARN_CUDA_GPU_ENGINE_H
#define MICH_LEARN_CUDA_GPU_ENGINE_H

#include "lib/learn/net_engine.h"

extern const struct net_engine net_engine_cuda;

#endif
