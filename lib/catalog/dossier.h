/*
 * dossier.h - everything that the record holds about one version, as one document: what a report is written
 * from.
 *
 *	{"format":"mich-report/1",
 *	 "ref", and the members of head_json(),         the version itself
 *	 "metrics":{"test":{"rmse":..}},                those of a model include its evaluations'
 *	 "manifest":{..},                               as recorded
 *	 "notes":[{"at","user","text"}], "tags":{},
 *	 "files":[{"path","size"}],
 *	 "checks":[{"of","kind":"gate"|"check"|"validation","what","ok","state","why","value"}],
 *	 "evaluations":[{"ref","id","finished","dataset","metrics","recipe","evaluation":{..}|null,
 *			 "charts":[{"name","chart":{..}}]}],   newest of each name, the version's own first
 *	 "benches":[{"ref","id","finished","dataset","metrics","hardware","input"}],
 *	 "datasets":[{"ref","id","profile":{..}|null}],
 *	 "versions":[{"ref","id","number","finished","build","params":{..},"metrics":{"test":{..}}}],
 *						of the same name, the newest 50, oldest first
 *	 "moves":[{"stage","action","release","version","at","user","reason","forced"}],   newest first, of
 *						all that its released names' stages held
 *	 "importance":{"gain":{column: value}}|null,    as the learner told it
 *	 "learning":[{"name","step":[..],"value":[..]}],
 *	 "lineage":{"nodes":[..],"edges":[..]}}         graph_json(), what was measured of it included
 *
 * "evaluation" is files/evaluation.json as it was recorded. Documents that a version has not, or whose bytes are
 * not here, are null or absent.
 */
#ifndef MICH_CATALOG_DOSSIER_H
#define MICH_CATALOG_DOSSIER_H

#include "lib/base/json.h"
#include "lib/record/version.h"

struct repo;

int dossier_read(struct repo *r, const struct version *v, json_t **out);

#endif
