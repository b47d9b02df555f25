/* gpu.h - a built-in learner on GPUs: whether that is possible here, and what it ran on. */
#ifndef MICH_MAKE_TRAIN_GPU_H
#define MICH_MAKE_TRAIN_GPU_H

struct attempt;
struct learner;
struct spec_node;
struct step;

/*
 * Hold gpus against the learner and the ranks: ERR_INPUT. A program that this mich was built without
 * goes to s->lacks. That there is no GPU shows where the ranks are placed, which may be elsewhere.
 */
int gpu_describe(const struct spec_node *node, const struct learner *l, struct step *s);

/* What the program is to see of our environment: where NVIDIA's libraries lie. */
void gpu_pass(struct attempt *a);

/* OUT/engine.json, which the program left, becomes environment.engine of the manifest. */
int gpu_take(struct attempt *a);

#endif
