/* release_make.c - make a release, and move a stage. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/record/inside.h"
#include "lib/record/release/handover.h"
#include "lib/record/release/release_source.h"
#include "lib/record/release/release_text.h"
#include "lib/store/tag.h"

/* What stands in a stage under the lock; out is empty where there is nothing. */
static int read_now(struct repo *r, const char *space, const char *name, const char *stage,
		    struct stage *out)
{
	int rc = stage_now(r, space, name, stage, out);

	if (rc != ERR_NOT_FOUND)
		return rc;
	error_clear();
	return 0;
}

/* The stage is as it was when the caller looked. */
static int check_before(const struct stage *now, const char *before, const char *space,
			const char *name, const char *stage)
{
	int rc;

	if (!before || !strcmp(before, now->commit))
		return 0;
	rc = error_set(ERR_EXISTS, "%s of %s/%s moved meanwhile: it holds %lld.%lld now", stage,
		       space, name, (long long)now->major, (long long)now->minor);
	return error_hint(rc, "look at mich stages %s/%s, then try again", space, name);
}

static void fill_left(const struct stage *now, struct handover *h, char was[48])
{
	h->before = now->commit;
	if (!now->space)
		return;
	snprintf(was, 48, "%lld.%lld", (long long)now->major, (long long)now->minor);
	h->left = now->version;
	h->was = was;
}

/* --- a release ----------------------------------------------------------------------------------
 */

static int choose_number(struct repo *r, const struct release_plan *p, int64_t *major,
			 int64_t *minor)
{
	*major = p->major;
	*minor = p->minor;
	if (p->major == RELEASE_NEXT)
		return release_next(r, p->space, p->name, major, minor);
	return release_check_free(r, p->space, p->name, *major, *minor);
}

/* The tag's bytes into a pack of their own. */
static int write_tag(struct repo *r, const struct release_plan *p, const char *number,
		     struct pack *pack, struct oid *out)
{
	char *name = xasprintf("%s/%s/%s", p->space, p->name, number),
	     *release = xasprintf("%s/%s@%s", p->space, p->name, number), *tagger;
	struct buf message = BUF_INIT, bytes = BUF_INIT;
	json_t *empty = json_object();
	struct oid commit;
	int rc = 0;

	release_text(release, p->v, p->stage, p->forced, p->doc ? p->doc : empty, &message);
	if (!oid_parse(p->v->commit, &commit))
		rc = error_set(ERR_CORRUPT, "'%s' is no commit", p->v->commit);
	else if (p->sign)
		rc = p->sign(name, &commit, message.data, &bytes, p->payload);
	else {
		tagger = ident_line(r, IDENT_COMMITTER);
		tag_format(&commit, name, tagger, message.data, &bytes);
		free(tagger);
	}
	if (!rc)
		rc = pack_add(pack, OBJECT_TAG, bytes.data, bytes.len, out);
	if (!rc)
		rc = pack_finish(pack);
	buf_clear(&message);
	buf_clear(&bytes);
	json_decref(empty);
	free(name);
	free(release);
	return rc;
}

static int set_tag(struct repo *r, const struct handover *h, const struct oid *tag)
{
	char *ref = xasprintf(RELEASE_PREFIX "%s/%s/%lld.%lld", h->space, h->name,
			      (long long)h->major, (long long)h->minor);
	int rc = ref_move(r->store, ref, NULL, tag, "release");

	free(ref);
	return rc;
}

static int make_locked(struct repo *r, const struct release_plan *p, struct handover *h)
{
	char number[48], was[48], hex[OID_HEX + 1];
	struct stage now = STAGE_INIT;
	struct pack *pack = NULL;
	struct oid tag;
	int rc;

	if ((rc = handover_end(r, p->space, p->name)) < 0 ||
	    (rc = read_now(r, p->space, p->name, p->stage, &now)) < 0 ||
	    (rc = choose_number(r, p, &h->major, &h->minor)) < 0 ||
	    (rc = check_before(&now, p->before, p->space, p->name, p->stage)) < 0)
		goto out;
	fill_left(&now, h, was);
	snprintf(number, sizeof number, "%lld.%lld", (long long)h->major, (long long)h->minor);
	if ((rc = pack_begin(r->store, r->scratch_dir, &pack)) < 0 ||
	    (rc = write_tag(r, p, number, pack, &tag)) < 0)
		goto out;
	oid_hex(&tag, hex);
	h->tag = hex;
	if ((rc = handover_begin(r, h)) == 0 && (rc = set_tag(r, h, &tag)) == 0)
		rc = handover_end(r, p->space, p->name);
out:
	pack_release(pack);
	stage_clear(&now);
	return rc;
}

int release_make(struct repo *r, const struct release_plan *p, struct release *out)
{
	struct handover h = { .space = p->space,
			      .name = p->name,
			      .stage = p->stage,
			      .action = "promote",
			      .version = p->v->id,
			      .reason = p->reason,
			      .forced = p->forced,
			      .user = repo_user(r),
			      .at_ms = clock_now_ms() };
	int fd = -1, rc;

	*out = (struct release)RELEASE_INIT;
	if ((rc = release_check_name(p->space, p->name)) < 0 || (rc = stage_check(r, p->stage)) < 0)
		return rc;
	if ((rc = handover_lock(r, p->space, p->name, &fd)) == 0)
		rc = make_locked(r, p, &h);
	if (fd >= 0)
		close(fd);
	if (rc < 0)
		return rc;
	rc = release_find(r, p->space, p->name, h.major, h.minor, out);
	repo_tidy(r);
	return rc;
}

/* --- a move -------------------------------------------------------------------------------------
 */

static int move_locked(struct repo *r, const struct stage_plan *p, struct handover *h)
{
	struct stage now = STAGE_INIT;
	char was[48], at[CLOCK_ISO_BYTES];
	int rc;

	if ((rc = handover_end(r, h->space, h->name)) < 0 ||
	    (rc = read_now(r, h->space, h->name, p->stage, &now)) < 0 ||
	    (rc = check_before(&now, p->before, h->space, h->name, p->stage)) < 0)
		goto out;
	if (now.space && now.major == h->major && now.minor == h->minor) {
		clock_iso(now.at_ms, at);
		rc = error_set(ERR_EXISTS, "%s/%s@%lld.%lld is in %s already, since %.10s, by %s",
			       h->space, h->name, (long long)h->major, (long long)h->minor,
			       p->stage, at, now.user);
		goto out;
	}
	fill_left(&now, h, was);
	if ((rc = handover_begin(r, h)) == 0)
		rc = handover_end(r, h->space, h->name);
out:
	stage_clear(&now);
	return rc;
}

int stage_move(struct repo *r, const struct stage_plan *p, struct stage *out)
{
	struct handover h = { .space = p->to->space,
			      .name = p->to->name,
			      .stage = p->stage,
			      .action = p->action,
			      .major = p->to->major,
			      .minor = p->to->minor,
			      .version = p->to->version,
			      .reason = p->reason,
			      .forced = p->forced,
			      .user = repo_user(r),
			      .at_ms = clock_now_ms() };
	int fd = -1, rc = stage_check(r, p->stage);

	*out = (struct stage)STAGE_INIT;
	if (rc < 0)
		return rc;
	if ((rc = handover_lock(r, h.space, h.name, &fd)) == 0)
		rc = move_locked(r, p, &h);
	if (fd >= 0)
		close(fd);
	if (rc < 0)
		return rc;
	rc = stage_now(r, h.space, h.name, p->stage, out);
	repo_tidy(r);
	return rc;
}
