/* label.h - which column a model learns: its own key, or its data set's. */
#ifndef MICH_MAKE_TRAIN_LABEL_H
#define MICH_MAKE_TRAIN_LABEL_H

struct plan;
struct spec_node;
struct step;

/* Put the label into s->recipe, when there is one. The step's inputs are known already. */
int label_describe(struct plan *p, const struct spec_node *node, struct step *s);

#endif
