/* stage.c - find stages and their moves in the index. */
#define _GNU_SOURCE
#include "lib/record/release/stage.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/index/statement.h"
#include "lib/record/name.h"
#include "lib/record/repo.h"

/* What was forced when the release was made shows wherever the release does. */
#define COLUMNS                                                                          \
	"m.space, m.name, m.stage, m.version, m.major, m.minor, m.at, m.user, m.action," \
	" m.reason, coalesce(m.forced, (SELECT l.forced FROM release l WHERE"            \
	" l.space = m.space AND l.name = m.name AND l.major = m.major AND l.minor = m.minor))"

void stage_clear(struct stage *s)
{
	free(s->space);
	free(s->name);
	free(s->stage);
	free(s->user);
	free(s->action);
	free(s->reason);
	free(s->forced);
	*s = (struct stage)STAGE_INIT;
}

void stage_list_free(struct stage *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		stage_clear(&v[i]);
	free(v);
}

char *stage_ref(const struct stage *s)
{
	return xasprintf("%s/%s@%lld.%lld", s->space, s->name, (long long)s->major,
			 (long long)s->minor);
}

static char *read_text(struct statement *st, int column)
{
	const char *text = statement_text(st, column);

	return text ? xstrdup(text) : NULL;
}

static void read_row(struct statement *st, struct stage *s)
{
	*s = (struct stage)STAGE_INIT;
	s->space = read_text(st, 0);
	s->name = read_text(st, 1);
	s->stage = read_text(st, 2);
	snprintf(s->version, sizeof s->version, "%s", statement_text(st, 3));
	s->major = statement_int(st, 4);
	s->minor = statement_int(st, 5);
	s->at_ms = statement_int(st, 6);
	s->user = read_text(st, 7);
	s->action = read_text(st, 8);
	s->reason = read_text(st, 9);
	s->forced = read_text(st, 10);
	snprintf(s->commit, sizeof s->commit, "%s", statement_text(st, 11));
}

static int list(struct repo *r, const char *sql, const char *const *texts, int n_texts,
		struct stage **out, size_t *n_out)
{
	struct statement *st;
	size_t n = 0, cap = 0;
	int rc = statement_open(repo_index(r), sql, &st);

	*out = NULL;
	*n_out = 0;
	if (rc < 0)
		return rc;
	for (int i = 0; i < n_texts; i++)
		statement_bind_text(st, i + 1, texts[i]);
	while ((rc = statement_step(st)) == 1) {
		ARRAY_GROW(*out, n, cap);
		read_row(st, &(*out)[n++]);
	}
	statement_close(st);
	*n_out = n;
	return rc;
}

int stage_list(struct repo *r, const char *space, const char *name, struct stage **out,
	       size_t *n_out)
{
	const char *const texts[] = { space, name };

	return list(r,
		    "SELECT " COLUMNS ", tip FROM stage m WHERE (?1 IS NULL OR space = ?1)"
		    " AND (?2 IS NULL OR name = ?2) ORDER BY space, name, stage",
		    texts, 2, out, n_out);
}

int stage_history(struct repo *r, const char *space, const char *name, const char *stage,
		  struct stage **out, size_t *n_out)
{
	const char *const texts[] = { space, name, stage };

	return list(r,
		    "SELECT " COLUMNS ", commit_id FROM move m WHERE (?1 IS NULL OR space = ?1)"
		    " AND (?2 IS NULL OR name = ?2) AND (?3 IS NULL OR stage = ?3)"
		    " ORDER BY CASE WHEN ?3 IS NULL THEN at END DESC, position DESC, space, name,"
		    " stage",
		    texts, 3, out, n_out);
}

/* Nothing is in that stage: say what there is. */
static int fail_empty(struct repo *r, const char *space, const char *name, const char *stage)
{
	struct stage *v;
	struct buf b = BUF_INIT;
	size_t n;
	int rc = stage_list(r, space, name, &v, &n);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%lld.%lld in %s", i ? ", " : "", (long long)v[i].major,
			 (long long)v[i].minor, v[i].stage);
	if (n)
		rc = error_set(ERR_NOT_FOUND, "'%s/%s' has nothing in %s, only %s", space, name,
			       stage, b.data);
	else
		rc = error_set(ERR_NOT_FOUND, "'%s/%s' has nothing in %s", space, name, stage);
	error_hint(rc, "mich promote MODEL --as %s/%s --to %s, or see mich stages", space, name,
		   stage);
	stage_list_free(v, n);
	buf_clear(&b);
	return rc;
}

int stage_now(struct repo *r, const char *space, const char *name, const char *stage,
	      struct stage *out)
{
	const char *const texts[] = { space, name, stage };
	struct stage *v;
	size_t n;
	int rc = list(r,
		      "SELECT " COLUMNS
		      ", tip FROM stage m WHERE space = ?1 AND name = ?2 AND stage = ?3",
		      texts, 3, &v, &n);

	*out = (struct stage)STAGE_INIT;
	if (rc == 0 && n)
		*out = v[0];
	else if (rc == 0)
		rc = fail_empty(r, space, name, stage);
	free(v);
	return rc;
}

/* --- what is left to go back to -----------------------------------------------------------------
 */

static bool same_release(const struct stage *a, const struct stage *b)
{
	return a->major == b->major && a->minor == b->minor;
}

/*
 * The moves, oldest first, as a pile: a promotion lies on top; a rollback takes off what lies above
 * where it went, and lies on top itself when that is not there any more.
 */
static size_t pile_up(const struct stage *moves, size_t n, size_t *pile)
{
	size_t top = 0;

	for (size_t i = n; i-- > 0;) {
		size_t at = top;

		if (!strcmp(moves[i].action, "rollback"))
			while (at && !same_release(&moves[pile[at - 1]], &moves[i]))
				at--;
		else
			at = 0;
		if (at)
			top = at;
		else
			pile[top++] = i;
	}
	return top;
}

static bool is_retired(struct repo *r, const char *id)
{
	struct version v = VERSION_INIT;
	bool retired = version_by_id(r, id, &v) < 0 || !strcmp(v.life, "retired") || v.collected;

	error_clear();
	version_clear(&v);
	return retired;
}

int stage_before(struct repo *r, const char *space, const char *name, const char *stage,
		 struct stage *out)
{
	struct stage now, *v = NULL;
	size_t n = 0, top, *pile;
	int rc = stage_now(r, space, name, stage, &now);

	*out = (struct stage)STAGE_INIT;
	if (rc < 0)
		return rc;
	rc = stage_history(r, space, name, stage, &v, &n);
	pile = xcalloc(n + 1, sizeof *pile);
	top = rc ? 0 : pile_up(v, n, pile);
	while (top &&
	       (same_release(&v[pile[top - 1]], &now) || is_retired(r, v[pile[top - 1]].version)))
		top--;
	if (!rc && !top)
		rc = error_set(ERR_NO, "nothing is left before %s/%s@%lld.%lld in %s", space, name,
			       (long long)now.major, (long long)now.minor, stage);
	if (!rc) {
		*out = v[pile[top - 1]];
		v[pile[top - 1]] = (struct stage)STAGE_INIT;
	}
	free(pile);
	stage_list_free(v, n);
	stage_clear(&now);
	return rc;
}

/* --- which stages there are ---------------------------------------------------------------------
 */

/* What cannot be told from a number, an id or a release. */
static bool is_word(const char *text)
{
	char *whole = xasprintf("x@%s", text);
	struct name n;
	bool word = name_parse(whole, &n) == 0 && n.rev_type == REV_WORD;

	free(whole);
	return word;
}

int stage_known(struct repo *r, struct strlist *out)
{
	struct strlist more = STRLIST_INIT;
	char *text = NULL;
	int rc = repo_config(r, "mich.stages", &text);

	strlist_add(out, "staging");
	strlist_add(out, "production");
	if (rc == 1)
		strlist_split(&more, text, ", \t");
	for (size_t i = 0; rc >= 0 && i < more.n; i++) {
		if (!is_word(more.v[i]))
			rc = error_set(ERR_INPUT, "'%s' in mich.stages cannot name a stage",
				       more.v[i]);
		else if (!strlist_has(out, more.v[i]))
			strlist_add(out, more.v[i]);
	}
	strlist_clear(&more);
	free(text);
	return rc < 0 ? rc : 0;
}

int stage_check(struct repo *r, const char *stage)
{
	struct strlist known = STRLIST_INIT;
	struct buf b = BUF_INIT;
	int rc = stage_known(r, &known);

	for (size_t i = 0; i < known.n; i++)
		buf_addf(&b, "%s%s", i ? ", " : "", known.v[i]);
	if (!rc && !strlist_has(&known, stage)) {
		rc = error_set(ERR_INPUT, "there is no stage '%s', only %s", stage, b.data);
		error_hint(rc, "git config mich.stages '%s' adds it", stage);
	}
	buf_clear(&b);
	strlist_clear(&known);
	return rc;
}
