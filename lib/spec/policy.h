/* policy.h - [release "NAMESPACE/NAME"] of a Michfile: who may release there. */
#ifndef MICH_SPEC_POLICY_H
#define MICH_SPEC_POLICY_H

#include "lib/spec/config.h"
#include "lib/spec/spec.h"

struct spec_policy {
	char *space, *name;	  /* name NULL: every name of the namespace */
	struct strlist promoters; /* mail addresses; none: anybody */
	int line;
};

/* Add a section to s->policy, or go on with the one of its name. ERR_INPUT. */
int policy_read(struct spec *s, const struct config_section *c);
void policy_clear(struct spec_policy *p);

/* What holds for a released name: its own section, else its namespace's; NULL: none. Borrowed. */
const struct spec_policy *policy_find(const struct spec *s, const char *space, const char *name);

/* May the user ("Name <mail>") promote there? Mails are compared without regard to case. */
bool policy_allows(const struct spec_policy *p, const char *user);

#endif
