/* check.c - is the record whole: refs and journals. */
#define _GNU_SOURCE
#include "lib/record/check/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/record/check/checking.h"
#include "lib/record/release/handover.h"
#include "lib/record/run/run.h"

void check_problem(struct checking *c, const char *where, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	buf_addf(&b, "%s: ", where);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	strlist_take(&c->out->problems, buf_take(&b));
	error_clear();
}

void check_mended(struct checking *c, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	strlist_take(&c->out->mended, buf_take(&b));
	error_clear();
}

void check_clear(struct check_report *c)
{
	strlist_clear(&c->problems);
	strlist_clear(&c->mended);
	*c = (struct check_report){ 0 };
}

static char *entry_where(struct checking *c, const struct entry *e)
{
	struct buf b = BUF_INIT;
	char *where, hex[OID_HEX + 1];

	oid_hex(&e->commit, hex);
	if (!strcmp(e->type, "version") && repo_read_blob(c->r, &e->tree, "version", &b) == 0)
		where = xasprintf("%s/%s@%lld", c->kind, c->name, strtoll(b.data, NULL, 10));
	else
		where = xasprintf("%s/%s, entry %.12s", c->kind, c->name, hex);
	error_clear();
	buf_clear(&b);
	return where;
}

static void check_event(struct checking *c, const struct entry *e, const char *where)
{
	struct buf b = BUF_INIT;
	json_t *event = NULL;

	c->out->events++;
	if (!strlist_has(&c->ids, e->id) && !store_is_shallow(c->r->store))
		check_problem(c, where, "an event on %.12s, which is no version before it", e->id);
	if (repo_read_blob(c->r, &e->tree, "event.json", &b) < 0 ||
	    json_parse(b.data, b.len, "event.json", &event) < 0)
		check_problem(c, where, "%s", error_text());
	else if (strcmp(json_str(event, "type", ""), e->type) ||
		 strcmp(json_str(event, "id", ""), e->id))
		check_problem(c, where, "event.json says something else than its commit");
	json_decref(event);
	buf_clear(&b);
}

static void check_root(struct checking *c, const struct entry *e, const char *where)
{
	static const char empty_tree[] = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
	char hex[OID_HEX + 1];

	oid_hex(&e->tree, hex);
	if (strcmp(e->type, "begin"))
		check_problem(c, where, "the journal's first entry is no beginning");
	else if (strcmp(hex, empty_tree))
		check_problem(c, where, "the journal's beginning is not empty");
}

static void check_entry(struct checking *c, const struct entry *e)
{
	char *where = entry_where(c, e);

	if (oid_is_zero(&e->before))
		check_root(c, e, where);
	else if (!strcmp(e->type, "begin"))
		check_problem(c, where, "a second beginning inside the journal");
	else if (strcmp(e->type, "version"))
		check_event(c, e, where);
	else
		check_version(c, e, where);
	free(where);
}

struct entries {
	struct entry *v;
	size_t n, cap;
};

/* From the tip back to the beginning, or to where a shallow clone was cut. */
static void read_entries(struct checking *c, const char *ref, const struct oid *tip,
			 struct entries *all)
{
	struct oid at = *tip;

	while (!oid_is_zero(&at)) {
		ARRAY_GROW(all->v, all->n, all->cap);
		if (entry_read(c->r, &at, &all->v[all->n]) < 0) {
			if (!(all->n && store_is_shallow(c->r->store) &&
			      !object_exists(c->r->store, &at)))
				check_problem(c, ref, "%s", error_text());
			error_clear();
			return;
		}
		at = all->v[all->n++].before;
	}
}

static int check_journal(const char *ref, const struct oid *id, void *payload)
{
	struct checking *c = payload;
	struct entries all = { 0 };

	if (!journal_split(ref, &c->kind, &c->name)) {
		if (!check_released(c, ref, id))
			check_problem(c, ref, "no name of an artifact");
		return 0;
	}
	c->out->artifacts++;
	if (c->plan->progress)
		c->plan->progress(ref + strlen(JOURNAL_PREFIX), c->out->blob_bytes,
				  c->plan->payload);
	read_entries(c, ref, id, &all);
	for (size_t i = all.n; i-- > 0;)
		check_entry(c, &all.v[i]);
	for (size_t i = 0; i < all.n; i++)
		entry_clear(&all.v[i]);
	free(all.v);
	free(c->kind);
	free(c->name);
	strlist_clear(&c->ids);
	strlist_clear(&c->numbers);
	return 0;
}

int check_record(struct repo *r, const struct check_plan *plan, struct check_report *out)
{
	struct checking c = { .r = r, .plan = plan, .out = out, .mend = r->writable };
	int rc;

	*out = (struct check_report){ 0 };
	if (c.mend && store_workdir(r->store) && (rc = run_sweep(r)) < 0)
		return rc;
	if (c.mend && store_workdir(r->store))
		handover_sweep(r);
	if (plan->rebuild) {
		if ((rc = index_reset(r->index)) < 0 || (rc = refresh_fill(r)) < 0)
			return error_wrap(rc, "cannot rebuild the index");
		check_mended(&c, "the index was built again from git");
	}
	c.seen = json_object();
	if ((rc = ref_list(r->store, JOURNAL_PREFIX, check_journal, &c)) < 0) {
		json_decref(c.seen);
		return rc;
	}
	check_leftovers(&c);
	if (c.mend && store_workdir(r->store))
		check_handovers(&c);
	check_index(&c);
	json_decref(c.seen);
	return 0;
}
