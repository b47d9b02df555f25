/* promotion.c - may this model be released, and as what? */
#define _GNU_SOURCE
#include "lib/make/release/promotion.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/make/release/candidate.h"
#include "lib/make/judge/contracted.h"
#include "lib/make/judge/gates.h"
#include "lib/make/pick.h"
#include "lib/make/release/promoters.h"
#include "lib/make/release/signing.h"
#include "lib/model/compatible.h"
#include "lib/record/head.h"
#include "lib/record/name.h"
#include "lib/record/repo.h"

void promotion_clear(struct promotion *p)
{
	version_clear(&p->version);
	free(p->space);
	free(p->name);
	stage_clear(&p->before);
	release_clear(&p->release);
	json_decref(p->gates);
	json_decref(p->differences);
	strlist_clear(&p->problems);
	*p = (struct promotion){ 0 };
}

/* --- the name -----------------------------------------------------------------------------------
 */

/* "maps/eta@2.0" names its own namespace. */
static int name_of_operand(struct repo *r, const char *text, struct promotion *p)
{
	struct release *all = NULL;
	struct name n;
	size_t count = 0;
	int rc = name_parse(text, &n);

	if (rc < 0 || !*n.kind)
		return rc;
	rc = release_list(r, n.kind, n.name, &all, &count);
	if (rc == 0 && count) {
		p->space = xstrdup(n.kind);
		p->name = xstrdup(n.name);
	}
	release_list_free(all, count);
	return rc;
}

static int find_name(struct repo *r, const struct promotion_ask *ask, struct promotion *p)
{
	int rc;

	if (ask->as)
		return release_parse_name(ask->as, &p->space, &p->name);
	if ((rc = name_of_operand(r, ask->model, p)) < 0 || p->space)
		return rc;
	rc = release_of_model(r, p->version.name, &p->space, &p->name);
	if (rc == ERR_NOT_FOUND) {
		rc = error_set(ERR_USAGE, "model/%s was never released: say under which name",
			       p->version.name);
		error_hint(rc, "mich promote %s --as NAMESPACE/%s", ask->model, p->version.name);
	} else if (rc == ERR_INPUT) {
		error_hint(rc, "say which: --as NAMESPACE/NAME");
	}
	return rc;
}

/* maps/eta@1.0, maps/eta@staging: the very release that is named. 1: one is. */
static int named_release(struct repo *r, const char *text, struct promotion *p)
{
	struct stage stage = STAGE_INIT;
	struct name n;
	int rc = name_parse(text, &n);

	if (rc < 0 || strcmp(n.kind, p->space) != 0 || strcmp(n.name, p->name) != 0)
		return rc;
	if (n.rev_type != REV_RELEASE) {
		rc = stage_now(r, n.kind, n.name, *n.rev ? n.rev : "production", &stage);
		n.major = stage.major;
		n.minor = stage.minor;
	}
	if (rc == 0)
		rc = release_find(r, n.kind, n.name, n.major, n.minor, &p->release);
	if (rc == 0 && strcmp(p->release.version, p->version.id) != 0)
		rc = error_set(ERR_EXISTS, "%s moved meanwhile: try again", text);
	stage_clear(&stage);
	return rc < 0 ? rc : 1;
}

/* The release that the version has there already, the highest. 1: it has one. */
static int find_release(struct repo *r, const struct promotion_ask *ask, struct promotion *p)
{
	struct release *all = NULL;
	size_t n = 0;
	int rc = named_release(r, ask->model, p), found = 0;

	if (rc != 0)
		return rc;
	rc = release_of_version(r, p->version.id, &all, &n);
	for (size_t i = 0; rc == 0 && i < n && !found; i++)
		if (!strcmp(all[i].space, p->space) && !strcmp(all[i].name, p->name)) {
			p->release = all[i];
			all[i] = (struct release)RELEASE_INIT;
			found = 1;
		}
	release_list_free(all, n);
	return rc < 0 ? rc : found;
}

/* Which number it gets, or has. */
static int find_number(struct repo *r, const struct promotion_ask *ask, struct promotion *p)
{
	int64_t major, minor;
	int rc;

	if (!ask->release) {
		if ((rc = find_release(r, ask, p)) != 0)
			return rc < 0 ? rc : 0;
		rc = release_next(r, p->space, p->name, &major, &minor);
	} else if ((rc = name_parse_release(ask->release, &major, &minor)) == 0) {
		rc = release_check_free(r, p->space, p->name, major, minor);
	}
	if (rc < 0)
		return rc;
	p->makes = true;
	p->release.space = xstrdup(p->space);
	p->release.name = xstrdup(p->name);
	p->release.major = major;
	p->release.minor = minor;
	return 0;
}

static int check_stage(struct repo *r, const struct promotion_ask *ask, struct promotion *p)
{
	int rc = stage_now(r, p->space, p->name, ask->stage, &p->before);

	if (rc == ERR_NOT_FOUND) {
		error_clear();
		return 0;
	}
	if (rc == 0 && !p->makes && p->before.major == p->release.major &&
	    p->before.minor == p->release.minor) {
		rc = error_set(ERR_EXISTS, "%s/%s@%lld.%lld (model/%s@%lld) is in %s already",
			       p->space, p->name, (long long)p->before.major,
			       (long long)p->before.minor, p->version.name,
			       (long long)p->version.number, ask->stage);
		error_hint(rc, "mich stages %s/%s", p->space, p->name);
	}
	return rc;
}

/* --- does it hold? ------------------------------------------------------------------------------
 */

/* Only the sentences of gates that fail. */
static void add_gate_problems(struct promotion *p)
{
	json_t *row;
	size_t i;

	json_array_foreach(p->gates, i, row)
		if (!json_bool(row, "ok", false))
			strlist_addf(&p->problems, "the gate '%s' fails: %s",
				     json_str(row, "what", ""), json_str(row, "why", ""));
}

/* The release that callers of this one may have known: the highest below it of its major. */
static int find_forerunner(struct repo *r, const struct promotion *p, struct release *out)
{
	struct release *all = NULL;
	size_t n = 0;
	int rc = release_list(r, p->space, p->name, &all, &n), found = 0;

	for (size_t i = 0; rc == 0 && i < n && !found; i++)
		if (all[i].major == p->release.major && all[i].minor < p->release.minor) {
			*out = all[i];
			all[i] = (struct release)RELEASE_INIT;
			found = 1;
		}
	release_list_free(all, n);
	return rc < 0 ? rc : found;
}

static void add_breaking(const json_t *differences, const struct release *old, struct promotion *p)
{
	json_t *row;
	size_t i;
	struct buf b = BUF_INIT;

	json_array_foreach((json_t *)differences, i, row)
		if (json_bool(row, "breaking", false))
			buf_addf(&b, "%s%s", b.len ? "; " : "", json_str(row, "why", ""));
	strlist_addf(&p->problems,
		     "its contract breaks callers of %lld.%lld, which asks for release %lld.0: %s",
		     (long long)old->major, (long long)old->minor, (long long)old->major + 1,
		     b.data);
	buf_clear(&b);
}

/* A minor release answers whatever the one before it answered. */
static int check_contract(struct repo *r, struct promotion *p)
{
	struct contract own = CONTRACT_INIT, theirs = CONTRACT_INIT;
	struct release old = RELEASE_INIT;
	struct version v = VERSION_INIT;
	int rc;

	if (!p->makes || (rc = find_forerunner(r, p, &old)) == 0)
		return 0;
	if (rc > 0 && (rc = version_by_id(r, old.version, &v)) == 0 &&
	    (rc = contracted_read(r, &v, &theirs)) == 0) {
		rc = contracted_read(r, &p->version, &own);
		if (rc == ERR_NOT_FOUND)
			strlist_addf(&p->problems, "it has no contract, and %lld.%lld had one",
				     (long long)old.major, (long long)old.minor);
		else if (rc == 0 && !contract_compatible(&theirs, &own, &p->differences))
			add_breaking(p->differences, &old, p);
	}
	if (rc == ERR_NOT_FOUND) { /* the one before promised nothing to its callers */
		error_clear();
		rc = 0;
	}
	contract_clear(&own);
	contract_clear(&theirs);
	release_clear(&old);
	version_clear(&v);
	return rc < 0 ? rc : 0;
}

static int check_holds(struct repo *r, struct promotion *p)
{
	bool ok;
	int rc;

	if ((rc = gates_check(r, &p->version, p->space, p->name, &p->gates, &ok)) < 0)
		return rc;
	add_gate_problems(p);
	return check_contract(r, p);
}

int promotion_judge(struct repo *r, const struct promotion_ask *ask, struct promotion *out)
{
	int rc;

	*out = (struct promotion){ 0 };
	if ((rc = stage_check(r, ask->stage)) < 0 ||
	    (rc = pick_version(r, strchr(ask->model, '/') ? NULL : "model", ask->model,
			       &out->version)) < 0 ||
	    (rc = find_name(r, ask, out)) < 0 ||
	    (rc = promoters_allow(r, out->space, out->name, ask->stage)) < 0 ||
	    (rc = candidate_check(r, &out->version, &out->committed, &out->problems)) < 0 ||
	    (rc = find_number(r, ask, out)) < 0 || (rc = check_stage(r, ask, out)) < 0 ||
	    (rc = check_holds(r, out)) < 0)
		return rc;
	return out->makes ? signing_wanted(r, &out->is_signed) : 0;
}

/* --- doing it -----------------------------------------------------------------------------------
 */

int promotion_refuse(const struct promotion_ask *ask, const struct promotion *p)
{
	char *many = NULL;
	int rc;

	if (!p->problems.n || ask->force)
		return 0;
	if (p->problems.n > 1)
		many = xasprintf("%zu things stand against it", p->problems.n);
	rc = error_set(ERR_NO, "model/%s@%lld does not go to %s of %s/%s: %s", p->version.name,
		       (long long)p->version.number, ask->stage, p->space, p->name,
		       many ? many : p->problems.v[0]);
	free(many);
	return rc;
}

/* What the tag keeps: the figures, the gates' results, and how it stood when it was released. */
static int make_document(struct repo *r, const struct promotion *p, json_t **out)
{
	json_t *metrics = NULL, *problems = json_array();
	int rc = head_metrics(r, &p->version, &metrics);

	for (size_t i = 0; i < p->problems.n; i++)
		json_array_append_new(problems, json_string(p->problems.v[i]));
	*out = json_pack("{s:o?,s:O?,s:s,s:s,s:O?,s:o}", "figures", metrics, "gates", p->gates,
			 "build", p->version.build, "validation", p->version.validation, "contract",
			 p->differences, "problems", problems);
	return rc;
}

static int make_release(struct repo *r, const struct promotion_ask *ask, struct promotion *p)
{
	struct release made = RELEASE_INIT;
	json_t *doc = NULL;
	struct release_plan plan = {
		.space = p->space,
		.name = p->name,
		.major = p->release.major,
		.minor = p->release.minor,
		.v = &p->version,
		.stage = ask->stage,
		.before = p->before.commit,
		.forced = p->problems.n ? ask->force : NULL,
		.reason = ask->reason,
		.sign = p->is_signed ? signing_tag : NULL,
		.payload = r,
	};
	int rc = make_document(r, p, &doc);

	plan.doc = doc;
	if (!rc)
		rc = release_make(r, &plan, &made);
	json_decref(doc);
	if (rc < 0)
		return rc;
	release_clear(&p->release);
	p->release = made;
	return 0;
}

int promotion_do(struct repo *r, const struct promotion_ask *ask, struct promotion *p)
{
	struct stage_plan plan = { .to = &p->release,
				   .stage = ask->stage,
				   .action = "promote",
				   .before = p->before.commit,
				   .reason = ask->reason,
				   .forced = p->problems.n ? ask->force : NULL };
	struct stage now = STAGE_INIT;
	int rc = promotion_refuse(ask, p);

	if (rc < 0)
		return rc;
	if (p->makes)
		return make_release(r, ask, p);
	rc = stage_move(r, &plan, &now);
	stage_clear(&now);
	return rc;
}
