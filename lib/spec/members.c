/* members.c - what an ensemble's keys ask of each other. */
#include "lib/spec/members.h"

#include "lib/base/mem.h"
#include "lib/spec/field.h"
#include "lib/spec/section.h"
#include "lib/spec/typed.h"

static int check_weights(const struct spec_node *node, const struct field_where *at)
{
	double total = 0, w;

	if (!node->member_weights.n)
		return 0;
	if (node->combine != SPEC_WEIGHTED && node->combine != SPEC_VOTE)
		return field_error(at, "weights are for combine = weighted or vote");
	if (node->member_weights.n != node->members.n)
		return field_error(at, "[model \"%s\"] has %zu members and %zu weights", node->name,
				   node->members.n, node->member_weights.n);
	for (size_t i = 0; i < node->member_weights.n; i++, total += w)
		if (!typed_double(node->member_weights.v[i].text, &w) || w < 0)
			return field_error(at, "'%s' is no weight: want a number from 0",
					   node->member_weights.v[i].text);
	return total > 0 ? 0 : field_error(at, "the weights add up to nothing");
}

/* Models that answer as one: what they are decides all but how their answers become one. */
int members_check(const struct spec_node *node)
{
	static const char *const theirs[] = { "command", "feature",   "exclude",  "task",
					      "group",	 "partition", "init-from" };
	static const char *const finals[] = { "learner", "param", "weight" };
	struct field_where at = { node->file, spec_line(node, "members") };
	bool stacked = node->combine == SPEC_STACKED;

	if (node->members.n < 2)
		return field_error(&at, "an ensemble has two members or more");
	for (size_t i = 0; i < ARRAY_LEN(theirs); i++) {
		at.line = spec_line(node, theirs[i]);
		if (section_given(node, theirs[i]))
			return field_error(
				&at, "'%s' means nothing in [model \"%s\"], which has members",
				theirs[i], node->name);
	}
	at.line = spec_line(node, "combine");
	if (stacked && !node->learner)
		return field_error(&at, "combine = stacked needs learner = xgboost, net or linear");
	for (size_t i = 0; !stacked && i < ARRAY_LEN(finals); i++) {
		at.line = spec_line(node, finals[i]);
		if (section_given(node, finals[i]))
			return field_error(&at,
					   "'%s' means nothing in [model \"%s\"], whose members "
					   "have the last word",
					   finals[i], node->name);
	}
	at.line = spec_line(node, "weights");
	return check_weights(node, &at);
}
