/* assemble.h - the step of a model with members: several models become one that answers alone. */
#ifndef MICH_MAKE_ENSEMBLE_ASSEMBLE_H
#define MICH_MAKE_ENSEMBLE_ASSEMBLE_H

struct attempt;
struct plan;
struct spec_node;
struct step;

/*
 * What of the members enters the step beside their contents: the group by which they rank; for combine =
 * stacked their own recipes and engines too. ERR_INPUT: they rank by different groups.
 */
int assemble_describe(struct plan *p, const struct spec_node *node, struct step *s);

/*
 * Fill a->out: a folder a member, model.json over them. Leaves what each says of the validation split,
 * where there is one, in the fact "ensemble": {"combine", "split"?, "members": [{"name", "ref", "kind",
 * "weight"?, "metrics"?}]}; a->metrics are the ensemble's own. ERR_INPUT: members that do not go together, that
 * mich cannot score with, or that learned from rows which are to judge the ensemble.
 */
int assemble_run(struct attempt *a, const struct spec_node *node);

#endif
