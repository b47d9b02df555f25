/* vetting.h - the checks of a validation, for validation.c. */
#ifndef MICH_MAKE_JUDGE_VETTING_H
#define MICH_MAKE_JUDGE_VETTING_H

#include "lib/make/judge/validation.h"
#include "lib/record/version.h"
#include "lib/spec/spec.h"

struct vetting {
	struct repo *repo;
	const struct validation_ask *ask;
	struct version model; /* a copy: its dirty mark may be lifted */
	struct spec *head;    /* HEAD's Michfile */
	json_t *checks;
	bool ok;
};

/* A row of checks, told at once. more (may be NULL) is taken: further members. */
void vetting_add(struct vetting *v, const char *check, const char *what, bool ok, const char *why,
		 json_t *more);

/*
 * The built-in checks, then the gates, then the programs of the model's key `check`. A check that does
 * not hold is a row, not an error.
 */
int vetting_built_in(struct vetting *v);
int vetting_gates(struct vetting *v);
int vetting_commands(struct vetting *v);

#endif
