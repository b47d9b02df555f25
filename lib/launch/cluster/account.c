/* account.c - a result of ranks as JSON, and back. */
#include "lib/launch/cluster/account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/base/utf8.h"

static char *path_of(const char *dir, int node)
{
	return xasprintf("%s/node.%d.json", dir, node);
}

/* json_string() of what may be any bytes. */
static json_t *clean(const char *text)
{
	char *copy = xstrdup(text);
	json_t *v;

	utf8_clean(copy);
	v = json_string(copy);
	free(copy);
	return v;
}

static json_t *process_json(const struct process_result *p)
{
	return json_pack("{s:i,s:i,s:b,s:I,s:I,s:I,s:s,s:s,s:s}", "exit", p->exit_code, "signal",
			 p->signal, "out_of_memory", p->out_of_memory, "user_ms",
			 (json_int_t)p->user_ms, "system_ms", (json_int_t)p->system_ms,
			 "peak_bytes", (json_int_t)p->peak_bytes, "network", p->network, "memory",
			 p->memory, "binds", p->binds);
}

int account_write(const char *dir, int node, int rc, const struct ranks_result *result, int threads)
{
	json_t *v =
		json_pack("{s:i,s:o,s:o,s:i,s:o,s:i,s:i,s:i,s:i,s:I,s:I,s:o}", "code", rc, "why",
			  clean(rc ? error_text() : ""), "hint", clean(rc ? error_hint_text() : ""),
			  "threads", threads, "process", process_json(&result->process), "world",
			  result->world, "restarts", result->restarts, "failed", result->failed,
			  "end", (int)result->end, "step", (json_int_t)result->step, "stop_ms",
			  (json_int_t)result->stop_ms, "lines", clean(result->lines));
	char *path = path_of(dir, node);
	int written = v ? json_write(path, v) : ERR_FAIL;

	json_decref(v);
	free(path);
	return written;
}

static void take_text(const json_t *o, const char *key, char *out, size_t n)
{
	snprintf(out, n, "%s", json_str(o, key, ""));
}

static void take_result(const json_t *v, struct ranks_result *out)
{
	const json_t *p = json_object_get(v, "process");

	out->process.exit_code = (int)json_int(p, "exit", 0);
	out->process.signal = (int)json_int(p, "signal", 0);
	out->process.out_of_memory = json_bool(p, "out_of_memory", false);
	take_text(p, "network", out->process.network, sizeof out->process.network);
	take_text(p, "memory", out->process.memory, sizeof out->process.memory);
	take_text(p, "binds", out->process.binds, sizeof out->process.binds);
	out->world = (int)json_int(v, "world", 0);
	out->restarts = (int)json_int(v, "restarts", 0);
	out->failed = (int)json_int(v, "failed", -1);
	out->end = (enum ranks_end)json_int(v, "end", RANKS_FAILED);
	if (out->end > RANKS_NOT_BEGUN)
		out->end = RANKS_FAILED;
	out->step = json_int(v, "step", -1);
	out->stop_ms = json_int(v, "stop_ms", 0);
	take_text(v, "lines", out->lines, sizeof out->lines);
}

static void add_usage(const json_t *v, struct process_result *p)
{
	const json_t *o = json_object_get(v, "process");

	p->user_ms += json_int(o, "user_ms", 0);
	p->system_ms += json_int(o, "system_ms", 0);
	p->peak_bytes += json_int(o, "peak_bytes", 0);
}

/* Its code, with the reason set. */
static int take_code(const json_t *v)
{
	int code = (int)json_int(v, "code", ERR_FAIL);
	const char *hint = json_str(v, "hint", "");

	if (!code)
		return 0;
	error_set(code, "%s", json_str(v, "why", ""));
	if (*hint)
		error_hint(code, "%s", hint);
	return code;
}

static enum account_end end_of(const char *dir, int node)
{
	char *path = path_of(dir, node);
	enum account_end end = ACCOUNT_NONE;
	json_t *v = NULL;

	if (file_exists(path) && json_read(path, &v) < 0)
		error_clear();
	if (v) {
		int code = (int)json_int(v, "code", ERR_FAIL);
		bool of_rank = json_int(v, "failed", -1) >= 0;

		end = code == ERR_INTERRUPT	     ? ACCOUNT_STOPPED
		      : code == ERR_BUSY	     ? ACCOUNT_AGAIN
		      : code == ERR_STEP && !of_rank ? ACCOUNT_LOST
		      : code == ERR_STEP	     ? ACCOUNT_FAILED
						     : ACCOUNT_SAID;
	}
	json_decref(v);
	free(path);
	return end;
}

enum account_end account_look(const char *dir, int agents)
{
	enum account_end end = end_of(dir, 0);

	for (int i = 1; i < agents && end == ACCOUNT_NONE; i++)
		if (end_of(dir, i) != ACCOUNT_NONE)
			end = ACCOUNT_LOST;
	return end;
}

void account_forget(const char *dir, int node)
{
	char *path = path_of(dir, node);

	unlink(path);
	free(path);
}

void account_forget_all(const char *dir, int agents)
{
	for (int i = 0; i < agents; i++)
		account_forget(dir, i);
}

int account_read(const char *dir, int agents, struct ranks_result *out, int *threads_out,
		 int *code_out)
{
	int said = 0, code = 0;

	for (int i = agents - 1; i >= 0; i--) { /* the first one's code last */
		char *path = path_of(dir, i);
		json_t *v = NULL;

		if (file_exists(path) && json_read(path, &v) == 0) {
			int its = take_code(v);
			bool stopped = its == ERR_INTERRUPT; /* by whoever has the reason */

			add_usage(v, &out->process);
			if (i == 0) {
				take_result(v, out);
				*threads_out = (int)json_int(v, "threads", 0);
			}
			if (!stopped && (i == 0 || its))
				code = its;
			said = said || (!stopped && (i == 0 || its));
		}
		json_decref(v);
		free(path);
	}
	*code_out = code;
	return said;
}
