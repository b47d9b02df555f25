/* xgboost_api.c - loading libxgboost, and what it says made readable. */
#include "lib/learn/xgboost/xgboost_api.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/engine.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"

static _Thread_local struct buf *log_sink;

int xgboost_api_open(struct xgboost_api *api)
{
	const struct engine_symbol symbols[] = {
		{ "XGBoostVersion", &api->version },
		{ "XGBGetLastError", &api->last_error },
		{ "XGBuildInfo", &api->build_info },
		{ "XGBRegisterLogCallback", &api->set_log },
		{ "XGDMatrixCreateFromDense", &api->dense_create },
		{ "XGQuantileDMatrixCreateFromCallback", &api->quantile_create },
		{ "XGProxyDMatrixCreate", &api->proxy_create },
		{ "XGProxyDMatrixSetDataDense", &api->proxy_set_dense },
		{ "XGDMatrixSetInfoFromInterface", &api->set_info },
		{ "XGDMatrixSetStrFeatureInfo", &api->set_features },
		{ "XGDMatrixFree", &api->matrix_free },
		{ "XGBoosterCreate", &api->create },
		{ "XGBoosterSetParam", &api->set_param },
		{ "XGBoosterUpdateOneIter", &api->update },
		{ "XGBoosterEvalOneIter", &api->eval },
		{ "XGBoosterSlice", &api->slice },
		{ "XGBoosterSaveModelToBuffer", &api->save },
		{ "XGBoosterLoadModelFromBuffer", &api->load },
		{ "XGBoosterBoostedRounds", &api->rounds },
		{ "XGBoosterSerializeToBuffer", &api->serialize },
		{ "XGBoosterUnserializeFromBuffer", &api->unserialize },
		{ "XGBoosterSaveJsonConfig", &api->save_config },
		{ "XGBoosterFeatureScore", &api->feature_score },
		{ "XGBoosterFree", &api->booster_free },
	};
	void *handle = NULL;
	int rc = engine_open("XGBoost", "MICH_XGBOOST", "xgboost/lib/libxgboost.so",
			     "libxgboost.so", &handle);

	*api = (struct xgboost_api){ 0 };
	if (!rc)
		rc = engine_symbols("XGBoost", handle, symbols, 1);
	if (rc)
		return rc;
	api->handle = handle;
	api->version(&api->major, &api->minor, &api->patch);
	if (api->major < 2) {
		error_set(ERR_ENGINE, "cannot use XGBoost %d.%d.%d: at least 2.0 is required",
			  api->major, api->minor, api->patch);
		return error_hint(ERR_ENGINE,
				  "install it with 'make deps', or name another: export "
				  "MICH_XGBOOST=/path/to/libxgboost.so");
	}
	return engine_symbols("XGBoost", handle, symbols, ARRAY_LEN(symbols));
}

int xgboost_api_ranks(struct xgboost_api *api)
{
	const struct engine_symbol symbols[] = {
		{ "XGTrackerCreate", &api->tracker_create },
		{ "XGTrackerRun", &api->tracker_run },
		{ "XGTrackerWorkerArgs", &api->tracker_args },
		{ "XGTrackerWaitFor", &api->tracker_wait },
		{ "XGTrackerFree", &api->tracker_free },
		{ "XGCommunicatorInit", &api->join },
		{ "XGCommunicatorFinalize", &api->leave },
		{ "XGCommunicatorBroadcast", &api->broadcast },
	};

	if (api->major > 2 || (api->major == 2 && api->minor > 0))
		return engine_symbols("XGBoost", api->handle, symbols, ARRAY_LEN(symbols));
	error_set(
		ERR_ENGINE,
		"cannot train in several ranks with XGBoost %d.%d.%d: it has no tracker, which came "
		"with 2.1",
		api->major, api->minor, api->patch);
	return error_hint(ERR_ENGINE, "install a newer one with 'make deps', or train in one rank");
}

/* Past "[12:34:56] " and "WARNING: /src/learner.cc:782: ", which say nothing to a user. */
static const char *skip_place(const char *s)
{
	const char *end;

	if (*s == '[' && isdigit((unsigned char)s[1]) && (end = strstr(s, "] ")))
		s = end + 2;
	if (!strncmp(s, "WARNING: ", 9))
		s += 9;
	if (*s == '/' && (end = strstr(s, ": ")) && !memchr(s, '\n', (size_t)(end - s)))
		s = end + 2;
	return s;
}

/* "Check failed: a != b (0 vs. 0) : what it means" is better without the first half. */
static const char *skip_check(const char *s)
{
	const char *line = strchr(s, '\n'), *sep = strstr(s, ": ");

	if (strncmp(s, "Check failed: ", 14) != 0)
		return s;
	sep = strstr(s + 14, ": ");
	if (sep && (!line || sep < line) && sep[2] && sep[2] != '\n')
		return sep + 2;
	return s;
}

void xgboost_api_plain(const char *text, struct buf *out)
{
	const char *s = skip_check(skip_place(text)), *end;

	while (isspace((unsigned char)*s))
		s++;
	end = s + strcspn(s, "\n");
	while (end > s && (isspace((unsigned char)end[-1]) || end[-1] == '.'))
		end--;
	buf_add(out, s, (size_t)(end - s));
}

/* What would have been right, where XGBoost lists the candidates itself. */
static void hint_candidates(const char *text, int code)
{
	static const char mark[] = "Objective candidate: ";
	struct strlist names = STRLIST_INIT;
	const char *tick = strchr(text, '`'), *end = tick ? strchr(tick + 1, '`') : NULL, *near;
	char *word;

	for (const char *s = strstr(text, mark); s; s = strstr(s, mark)) {
		s += sizeof mark - 1;
		strlist_take(&names, xstrndup(s, strcspn(s, "\n")));
	}
	if (names.n && end) {
		word = xstrndup(tick + 1, (size_t)(end - tick - 1));
		near = strlist_nearest((const char *const *)names.v, names.n, word);
		if (near)
			error_hint(code, "did you mean '%s'?", near);
		free(word);
	}
	strlist_clear(&names);
}

int xgboost_api_error(const struct xgboost_api *api, int code, const char *fmt, ...)
{
	struct buf text = BUF_INIT, reason = BUF_INIT;
	char *raw = xstrdup(api->last_error());
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	xgboost_api_plain(raw, &reason);
	error_set(code, "%s: %s", text.data, reason.data);
	hint_candidates(raw, code);
	buf_clear(&reason);
	buf_clear(&text);
	free(raw);
	return code;
}

static void add_message(const char *message)
{
	if (!log_sink || strstr(message, "Parameters: {")) {
		if (log_sink)
			buf_addstr(log_sink, strstr(message, "Parameters: {"));
		return;
	}
	xgboost_api_plain(message, log_sink);
	buf_addch(log_sink, '\n');
}

void xgboost_api_log(const struct xgboost_api *api, struct buf *sink)
{
	log_sink = sink;
	api->set_log(add_message);
}
