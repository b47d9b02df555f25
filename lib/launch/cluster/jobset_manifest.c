/* jobset_manifest.c - the JSON that kubectl applies. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/launch/cluster/dispatch.h"
#include "lib/launch/cluster/jobset.h"
#include "lib/launch/cluster/token.h"

enum { AGENT_S = 10 };

static json_t *secret(const struct cluster_plan *c, const char *name, json_t *labels)
{
	struct strlist names = STRLIST_INIT;
	json_t *data = json_object();

	dispatch_names(c, "", &names); /* option, name, option, name, ... */
	for (size_t i = 1; i < names.n; i += 2)
		if (getenv(names.v[i]))
			json_object_set_new(data, names.v[i], json_string(getenv(names.v[i])));
	strlist_clear(&names);
	return json_pack("{s:s,s:s,s:{s:s,s:O},s:o}", "apiVersion", "v1", "kind", "Secret",
			 "metadata", "name", name, "labels", labels, "stringData", data);
}

static json_t *resources(const struct cluster_plan *c)
{
	json_t *limits = json_object(), *requests = json_object(), *v;
	int ranks = c->ranks.ranks / c->nodes;
	int64_t memory = c->ranks.process.memory_bytes;

	json_object_set_new(requests, "cpu",
			    json_integer(c->ranks.threads > ranks ? c->ranks.threads : ranks));
	if (memory) {
		v = json_integer(memory);
		json_object_set(requests, "memory", v);
		json_object_set_new(limits, "memory", v);
	}
	if (c->gpus)
		json_object_set_new(limits, "nvidia.com/gpu", json_integer(c->gpus / c->nodes));
	return json_pack("{s:o,s:o}", "limits", limits, "requests", requests);
}

static json_t *container(const struct cluster_plan *c, const char *name, const char *path)
{
	struct strlist words = STRLIST_INIT;
	json_t *command = json_array();

	dispatch_agent(c, &words);
	for (size_t i = 0; i < words.n; i++)
		json_array_append_new(command, json_string(words.v[i]));
	strlist_clear(&words);
	return json_pack(
		"{s:s,s:s,s:o,s:[{s:s,s:{s:{s:s}}}],s:[{s:{s:s}}],s:o,s:[{s:s,s:s},{s:s,s:s}]}",
		"name", "agent", "image", c->image, "command", command, "env", "name",
		"MICH_AGENT_RESTART", "valueFrom", "fieldRef", "fieldPath",
		"metadata.labels['jobset.sigs.k8s.io/restart-attempt']", "envFrom", "secretRef",
		"name", name, "resources", resources(c), "volumeMounts", "name", "repository",
		"mountPath", path, "name", "memory", "mountPath", "/dev/shm");
}

/* As long as the ranks have to save their work, and the agent to say so. */
static int grace_s(const struct cluster_plan *c)
{
	int64_t ms = c->ranks.process.grace_ms ? c->ranks.process.grace_ms : RANKS_GRACE_MS;

	return (int)(ms / 1000) + AGENT_S;
}

/* The item of a list that is called as one is: of volumeMounts by its path, else by its name. NULL: none. */
static json_t *find_item(const json_t *list, const json_t *one)
{
	const char *key = json_object_get(one, "mountPath") ? "mountPath" : "name", *name;
	json_t *item;
	size_t i;

	name = json_str(one, key, "");
	json_array_foreach(list, i, item)
		if (*name && !strcmp(json_str(item, key, ""), name))
			return item;
	return NULL;
}

/* As kubectl patch: objects key by key, lists of things with names by these, all else is replaced. */
static void merge(json_t *base, json_t *more)
{
	const char *key;
	json_t *v, *was, *item, *one;
	size_t i;

	json_object_foreach(more, key, v) {
		was = json_object_get(base, key);
		if (json_is_object(was) && json_is_object(v)) {
			merge(was, v);
		} else if (json_is_array(was) && json_is_object(json_array_get(was, 0)) &&
			   json_is_object(json_array_get(v, 0))) {
			json_array_foreach(v, i, one) {
				item = find_item(was, one);
				if (item)
					merge(item, one);
				else
					json_array_append(was, one);
			}
		} else {
			json_object_set(base, key, v);
		}
	}
}

/* The user's own file, as an object. New reference; NULL: there is none. */
static int read_more(const struct cluster_plan *c, json_t **out)
{
	int rc = 0;

	*out = NULL;
	if (c->pod && access(c->pod, R_OK) < 0)
		rc = error_errno("cannot read '%s'", c->pod);
	else if (c->pod)
		rc = json_read(c->pod, out);
	if (!rc && c->pod && !json_is_object(*out))
		rc = error_set(ERR_INPUT, "'%s' is no JSON object", c->pod);
	if (rc) {
		rc = error_wrap(ERR_INPUT, "the setting 'mich.k8s.pod'");
		error_hint(rc, "it names a file such as {\"nodeSelector\": {\"gpu\": \"h100\"}}");
	}
	return rc;
}

/* With what the user's file has besides. */
static int pod(const struct cluster_plan *c, const char *name, const char *claim, const char *path,
	       json_t **out)
{
	json_t *more = NULL;
	int rc = read_more(c, &more);

	*out = json_pack("{s:s,s:i,s:{s:i,s:i},s:[o],s:[{s:s,s:{s:s}},{s:s,s:{s:s}}]}",
			 "restartPolicy", "Never", "terminationGracePeriodSeconds", grace_s(c),
			 "securityContext", "runAsUser", (int)geteuid(), "runAsGroup",
			 (int)getegid(), "containers", container(c, name, path), "volumes", "name",
			 "repository", "persistentVolumeClaim", "claimName", claim, "name",
			 "memory", "emptyDir", "medium", "Memory");
	if (more)
		merge(*out, more);
	json_decref(more);
	return rc;
}

static int missing(const char *key, const char *value)
{
	error_set(ERR_INPUT, "--launch k8s needs the setting '%s'", key);
	return error_hint(ERR_INPUT, "git config %s %s, as mich help agent says", key, value);
}

static bool is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	while (n > 1 && dir[n - 1] == '/')
		n--;
	return !strncmp(path, dir, n) && path[n] == '/';
}

/* "CLAIM:PATH", where the run's folder is below the path. */
static int split_volume(const struct cluster_plan *c, char **claim, const char **path)
{
	const char *colon = c->volume ? strchr(c->volume, ':') : NULL;

	*claim = NULL;
	if (!c->image)
		return missing("mich.k8s.image", "IMAGE");
	if (!colon || colon == c->volume || colon[1] != '/')
		return missing("mich.k8s.volume", "CLAIM:/PATH");
	*path = colon + 1;
	if (!is_below(c->dir, *path)) {
		error_set(ERR_INPUT, "the run's folder '%s' is not on the volume of '%s'", c->dir,
			  c->volume);
		return error_hint(ERR_INPUT, "keep the repository below %s", *path);
	}
	*claim = xstrndup(c->volume, (size_t)(colon - c->volume));
	return 0;
}

int jobset_manifest(const struct cluster_plan *c, const char *name, json_t **out)
{
	json_t *labels, *spec = NULL, *job;
	const char *path = NULL;
	char *claim;
	int rc = split_volume(c, &claim, &path);

	*out = NULL;
	if (!rc)
		rc = pod(c, name, claim, path, &spec);
	free(claim);
	if (rc) {
		json_decref(spec);
		return rc;
	}
	labels = json_pack("{s:s}", "app.kubernetes.io/managed-by", "mich");
	job = json_pack("{s:i,s:i,s:s,s:i,s:{s:o}}", "parallelism", c->nodes, "completions",
			c->nodes, "completionMode", "Indexed", "backoffLimit", 0, "template",
			"spec", spec);
	*out = json_pack("{s:s,s:s,s:[o,{s:s,s:s,s:{s:s,s:o},s:{s:{s:i},s:[{s:s,s:i,s:{s:o}}]}}]}",
			 "apiVersion", "v1", "kind", "List", "items", secret(c, name, labels),
			 "apiVersion", "jobset.x-k8s.io/v1alpha2", "kind", "JobSet", "metadata",
			 "name", name, "labels", labels, "spec", "failurePolicy", "maxRestarts",
			 c->ranks.max_restarts, "replicatedJobs", "name", "agents", "replicas", 1,
			 "template", "spec", job);
	if (*out)
		return 0;
	error_set(ERR_INPUT, "a secret or a setting is not UTF-8, as Kubernetes wants it");
	return error_hint(ERR_INPUT,
			  "encode the secret, such as with base64, and decode it in the program");
}
