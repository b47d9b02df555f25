/* jobset_manifest.c - the JSON that kubectl applies. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/launch/dispatch.h"
#include "lib/launch/jobset.h"
#include "lib/launch/token.h"

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

/* With what the user's file has besides. */
static int pod(const struct cluster_plan *c, const char *name, const char *claim, const char *path,
	       json_t **out)
{
	json_t *more = NULL;
	int rc = 0;

	*out = json_pack("{s:s,s:{s:i,s:i},s:[o],s:[{s:s,s:{s:s}},{s:s,s:{s:s}}]}", "restartPolicy",
			 "Never", "securityContext", "runAsUser", (int)geteuid(), "runAsGroup",
			 (int)getegid(), "containers", container(c, name, path), "volumes", "name",
			 "repository", "persistentVolumeClaim", "claimName", claim, "name",
			 "memory", "emptyDir", "medium", "Memory");
	if (c->pod)
		rc = json_read(c->pod, &more);
	if (!rc && more && json_object_update_recursive(*out, more) < 0)
		rc = error_set(ERR_INPUT, "'%s' is no JSON object", c->pod);
	if (rc)
		error_wrap(rc, "the setting 'mich.k8s.pod'");
	json_decref(more);
	return rc;
}

static int missing(const char *key, const char *value)
{
	error_set(ERR_INPUT, "--launch k8s needs the setting '%s'", key);
	return error_hint(ERR_INPUT, "git config %s %s", key, value);
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
	return *out ? 0 : error_set(ERR_INPUT, "a secret or a setting is not UTF-8");
}
