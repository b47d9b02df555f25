/* mich-net-cuda.c - mich-net on a GPU: the same program with another engine. */
#include "lib/learn/cuda/gpu_engine.h"

#define NET_ENGINE net_engine_cuda
#include "cmd/mich-net.c"
