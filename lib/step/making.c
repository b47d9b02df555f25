/* making.c - make what a plan's item asks for, or find it made, and judge it. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/record/draft.h"
#include "lib/record/event.h"
#include "lib/step/environment.h"
#include "lib/step/period.h"
#include "lib/step/plan.h"
#include "lib/step/warnings.h"
#include "lib/step/world.h"

void plan_made_clear(struct plan_made *m)
{
	version_clear(&m->version);
	json_decref(m->judged);
	json_decref(m->failed);
	json_decref(m->warnings);
	*m = (struct plan_made){ 0 };
}

static int refuse_stale(const struct plan_item *it)
{
	for (size_t i = 0; i < it->step.n_inputs; i++) {
		const struct step_input *in = &it->step.inputs[i];

		if (in->content[0])
			continue;
		error_set(ERR_INPUT, "cannot make %s/%s: its input %s is not current",
			  it->step.kind, it->step.name, in->ref);
		return error_hint(ERR_INPUT, "mich build %s", in->ref);
	}
	return 0;
}

static int refuse_lacking(const struct step *s)
{
	if (!s->lacks)
		return 0;
	error_set(ERR_ENGINE, "cannot make %s/%s: %s", s->kind, s->name, s->lacks);
	return error_hint(ERR_ENGINE, "%s", s->lacks_hint);
}

/* What cannot come to anything, as far as that shows without running it. */
static int refuse_vain(struct repo *r, const struct plan_item *it)
{
	const struct step *s = &it->step;
	int rc = refuse_lacking(s);

	if (rc)
		return rc;
	rc = environment_check(s);
	if (!rc)
		rc = world_check(r, s);
	if (!rc && it->ops->refuse)
		rc = it->ops->refuse(r, it->node, s);
	return rc ? error_wrap(rc, "%s/%s", s->kind, s->name) : 0;
}

static void tick(void *payload)
{
	const struct attempt *a = payload;

	plan_tick(a->tick_payload, a->step, a->events);
}

static int run(struct plan *p, struct plan_item *it, bool echo, struct plan_made *out)
{
	struct attempt a;
	int rc = refuse_vain(plan_repo(p), it);

	if (rc)
		return rc;
	period_begin(it->node, plan_now_ms(p), &it->step);
	rc = step_print(&it->step);
	if (!rc)
		rc = attempt_begin(plan_repo(p), &it->step, echo, &a);
	if (rc)
		return error_wrap(rc, "%s/%s", it->step.kind, it->step.name);
	a.tick = tick;
	a.tick_payload = p;
	rc = it->ops->run(&a, it->node);
	out->exit_code = (rc == ERR_STEP || rc == ERR_BUSY) && a.ran ? a.last.exit_code : 0;
	out->failed = json_incref(json_object_get(json_object_get(a.facts, "ranks"), "failed"));
	if (rc == ERR_NO)
		out->judged = json_incref(a.judged);
	if (!rc && !echo)
		out->warnings = warnings_read(a.log);
	rc = attempt_finish(&a, rc, &out->version);
	if (rc)
		error_wrap(rc, "%s/%s", it->step.kind, it->step.name);
	return rc;
}

/* The code and the recipe that made a dirty version are HEAD's now: that is evidence enough. */
static int lift_dirty(struct plan *p, const struct plan_item *it, struct plan_made *out)
{
	struct repo *r = plan_repo(p);
	json_t *data;
	int rc;

	if (!out->version.dirty || it->step.code.dirty)
		return 0;
	data = json_pack("{s:s}", "commit", it->step.code.commit);
	rc = event_record(r, &out->version, "committed", data);
	json_decref(data);
	out->committed = !rc;
	out->version.dirty = rc != 0;
	return rc;
}

static bool all_ok(const json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach((json_t *)rows, i, row)
		if (!json_bool(row, "ok", false))
			return false;
	return true;
}

/* Did the step that made it go through these very checks? Then being good is the verdict. */
static int held_when_made(struct repo *r, const struct plan_item *it, const struct version *v)
{
	json_t *manifest = NULL;
	int rc;

	if (!it->ops->run_checks)
		return 0;
	rc = version_manifest(r, v, &manifest);
	if (!rc)
		rc = json_equal(json_object_get(manifest, "check"), it->node->json.check);
	json_decref(manifest);
	return rc;
}

/* Null where there is nothing but the version and its checks. */
static int basis_of(struct repo *r, const struct plan_item *it, const struct version *v,
		    json_t **out)
{
	*out = NULL;
	if (it->ops->basis)
		return it->ops->basis(r, it->node, v, out);
	*out = json_null();
	return 0;
}

static bool same_basis(const json_t *last, const json_t *basis)
{
	const json_t *then = json_object_get(last, "basis");

	return then ? json_equal(then, basis) : json_is_null(basis);
}

/* The verdict that was recorded last, when it was on these very checks. */
static int known_verdict(struct repo *r, const struct plan_item *it, const json_t *basis,
			 struct plan_made *m)
{
	json_t *last = NULL;
	int rc = event_last(r, &m->version, "judged", &last);

	if (rc)
		return rc;
	if (json_equal(json_object_get(last, "check"), it->node->json.check) &&
	    same_basis(last, basis)) {
		m->judged = json_incref(json_object_get(last, "rows"));
		m->ok = json_bool(last, "ok", false);
	} else {
		rc = ERR_NOT_FOUND;
	}
	json_decref(last);
	return rc;
}

/* A verdict is an event on the version. */
static int record_verdict(struct repo *r, const struct plan_item *it, json_t *basis,
			  const struct plan_made *m)
{
	json_t *data = json_pack("{s:O,s:O,s:b}", "check", it->node->json.check, "rows", m->judged,
				 "ok", m->ok);
	int rc;

	if (!json_is_null(basis))
		json_object_set(data, "basis", basis);
	rc = event_record(r, &m->version, "judged", data);
	json_decref(data);
	return rc;
}

static int judge(struct plan *p, struct plan_item *it, struct plan_made *out)
{
	struct repo *r = plan_repo(p);
	json_t *basis = NULL;
	int rc;

	out->ok = true;
	if (!it->ops->judge || !json_object_size(it->node->json.check))
		return 0;
	rc = held_when_made(r, it, &out->version);
	if (rc)
		return rc < 0 ? rc : 0;
	rc = basis_of(r, it, &out->version, &basis);
	if (!rc)
		rc = known_verdict(r, it, basis, out);
	if (rc == ERR_NOT_FOUND) {
		rc = it->ops->judge(r, it->node, &out->version, &out->judged);
		if (!rc) {
			out->ok = all_ok(out->judged);
			rc = record_verdict(r, it, basis, out);
		}
	}
	json_decref(basis);
	return rc;
}

/* What turns out otherwise than it was described is described anew, in the same place. */
static int ask(struct plan *p, struct plan_item *it)
{
	const struct spec_node *node = it->node;
	int rc = it->ops->ask ? it->ops->ask(plan_repo(p), node) : 0;

	if (rc <= 0)
		return rc;
	plan_forget(p, node);
	return plan_item(p, node, &it);
}

int plan_make(struct plan *p, struct plan_item *it, bool echo, struct plan_made *out)
{
	int rc = refuse_stale(it);

	*out = (struct plan_made){ .ok = true };
	if (!rc && (it->state != PLAN_CURRENT || it->force))
		rc = ask(p, it);
	if (rc)
		return rc;
	if (it->state == PLAN_CURRENT && !it->force) {
		version_copy(&it->version, &out->version);
		rc = lift_dirty(p, it, out);
	} else {
		rc = run(p, it, echo, out);
		out->made = !rc;
	}
	return rc ? rc : judge(p, it, out);
}
