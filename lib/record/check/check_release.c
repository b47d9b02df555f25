/* check_release.c - are releases and stages whole: tags, their versions, the moves between them. */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/record/check/checking.h"
#include "lib/record/release/handover.h"
#include "lib/record/release/release_source.h"
#include "lib/store/tag.h"

/* The version that an id stands for; false: it is not here. */
static bool find_version(struct checking *c, const char *id, struct version *out)
{
	bool found = version_by_id(c->r, id, out) == 0;

	error_clear();
	return found;
}

/* The tag's object is an entry of the version that its message names. */
static void check_target(struct checking *c, const char *where, const struct tag *t,
			 const char *version)
{
	struct entry e;

	if (t->type != OBJECT_COMMIT)
		check_problem(c, where, "the tag is of no commit");
	else if (entry_read(c->r, &t->object, &e) < 0)
		check_problem(c, where, "%s", error_text());
	else {
		if (strcmp(e.type, "version") != 0 || !e.id || strcmp(e.id, version) != 0)
			check_problem(c, where, "its tag is of another version than it says");
		entry_clear(&e);
	}
}

static void check_content(struct checking *c, const char *where, const struct tag *t,
			  const struct version *v)
{
	char *content = message_trailer(t->message, "Mich-Content");

	if (!content || strcmp(content, v->content) != 0)
		check_problem(c, where, "its content is %.12s, the release says %.12s", v->content,
			      content ? content : "nothing");
	if (v->collected)
		check_problem(c, where, "the files of what is released were removed");
	free(content);
}

static void check_release(struct checking *c, const char *ref, const struct oid *id,
			  struct release *l)
{
	struct version v = VERSION_INIT;
	char *where = release_ref(l);
	struct tag t;

	if (release_read(c->r, id, l) < 0 || tag_read(c->r->store, id, &t) < 0) {
		check_problem(c, where, "%s", error_text());
		free(where);
		return;
	}
	if (strcmp(t.name, ref + strlen(RELEASE_PREFIX)) != 0)
		check_problem(c, where, "its tag calls itself '%s'", t.name);
	check_target(c, where, &t, l->version);
	if (find_version(c, l->version, &v))
		check_content(c, where, &t, &v);
	else if (!store_is_shallow(c->r->store))
		check_problem(c, where, "its version %.12s is in no journal", l->version);
	version_clear(&v);
	tag_clear(&t);
	free(where);
}

/* A move is to a release that is there, and is of its version. */
static void check_move(struct checking *c, const struct entry *e, const struct stage *of)
{
	struct stage s = { .space = xstrdup(of->space),
			   .name = xstrdup(of->name),
			   .stage = xstrdup(of->stage) };
	struct release l = RELEASE_INIT;
	char hex[OID_HEX + 1], *where;

	oid_hex(&e->commit, hex);
	where = xasprintf("%s/%s %s, entry %.12s", of->space, of->name, of->stage, hex);
	c->out->events++;
	if (stage_read(c->r, e, &s) < 0)
		check_problem(c, where, "%s", error_text());
	else if (strcmp(e->type, "promote") != 0 && strcmp(e->type, "rollback") != 0)
		check_problem(c, where, "'%s' is no move of a stage", e->type);
	else if (release_find(c->r, s.space, s.name, s.major, s.minor, &l) < 0)
		check_problem(c, where, "it holds the release %lld.%lld, which is not there",
			      (long long)s.major, (long long)s.minor);
	else if (strcmp(l.version, s.version) != 0)
		check_problem(c, where, "it holds another version than the release %lld.%lld",
			      (long long)s.major, (long long)s.minor);
	release_clear(&l);
	stage_clear(&s);
	free(where);
}

static void check_stage(struct checking *c, const char *ref, const struct oid *tip,
			const struct stage *s)
{
	struct oid at = *tip;
	bool any = false;

	while (!oid_is_zero(&at)) {
		struct entry e;

		if (entry_read(c->r, &at, &e) < 0) {
			if (!any || !store_is_shallow(c->r->store))
				check_problem(c, ref, "%s", error_text());
			error_clear();
			return;
		}
		any = true;
		if (oid_is_zero(&e.before) != !strcmp(e.type, "begin"))
			check_problem(c, ref, "the journal does not begin where it should");
		else if (strcmp(e.type, "begin") != 0)
			check_move(c, &e, s);
		at = e.before;
		entry_clear(&e);
	}
}

bool check_released(struct checking *c, const char *ref, const struct oid *id)
{
	struct release l;
	struct stage s;

	if (strncmp(ref, RELEASE_PREFIX, strlen(RELEASE_PREFIX)) != 0 &&
	    strncmp(ref, STAGE_PREFIX, strlen(STAGE_PREFIX)) != 0)
		return false;
	if (release_split(ref, &l)) {
		check_release(c, ref, id, &l);
		release_clear(&l);
	} else if (stage_split(ref, &s)) {
		check_stage(c, ref, id, &s);
		stage_clear(&s);
	} else {
		check_problem(c, ref, "no name of a release or a stage");
	}
	return true;
}

/* What is still there is being done by another process, or cannot be done. */
static void check_handover(struct checking *c, const char *file)
{
	size_t n = strcspn(file, ".");
	char *space = xstrndup(file, n), *name = xstrdup(file[n] ? file + n + 1 : "");
	int fd = -1;

	if (!strchr(name, '.') && handover_lock(c->r, space, name, &fd) == 0 &&
	    handover_end(c->r, space, name) < 0)
		check_problem(c, "releases", "%s", error_text());
	error_clear();
	if (fd >= 0)
		close(fd);
	free(space);
	free(name);
}

void check_handovers(struct checking *c)
{
	char *dir = path_join(c->r->mich_dir, "handover");
	DIR *d = opendir(dir);
	struct dirent *e;

	c->r->sweeping = true;
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			check_handover(c, e->d_name);
	c->r->sweeping = false;
	if (d)
		closedir(d);
	free(dir);
}
