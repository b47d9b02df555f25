/* xgboost_api.h - the door to libxgboost: what is used of its C API, by lib/learn/xgboost* alone.
 */
#ifndef MICH_LEARN_XGBOOST_XGBOOST_API_H
#define MICH_LEARN_XGBOOST_XGBOOST_API_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

typedef uint64_t bst_ulong;

/* Every function but version and last_error gives 0, or -1 with the reason in last_error. */
struct xgboost_api {
	int major, minor, patch;
	void *handle;

	void (*version)(int *major, int *minor, int *patch);
	const char *(*last_error)(void);
	int (*build_info)(const char **json_out);
	int (*set_log)(void (*fn)(const char *message));

	int (*dense_create)(const char *array, const char *config, void **out);
	int (*quantile_create)(void *iter, void *proxy, void *ref, void (*reset)(void *iter),
			       int (*next)(void *iter), const char *config, void **out);
	int (*proxy_create)(void **out);
	int (*proxy_set_dense)(void *proxy, const char *array);
	int (*set_info)(void *matrix, const char *field, const char *array);
	int (*set_features)(void *matrix, const char *field, const char **values, bst_ulong n);
	int (*matrix_free)(void *matrix);

	int (*create)(void *const *matrices, bst_ulong n, void **out);
	int (*set_param)(void *booster, const char *name, const char *value);
	int (*update)(void *booster, int round, void *matrix);
	int (*eval)(void *booster, int round, void **matrices, const char **names, bst_ulong n,
		    const char **text_out);
	int (*slice)(void *booster, int begin, int end, int step, void **out);
	int (*save)(void *booster, const char *config, bst_ulong *n, const char **data);
	int (*load)(void *booster, const void *data, bst_ulong n);
	int (*rounds)(void *booster, int *out);
	int (*serialize)(void *booster, bst_ulong *n, const char **data); /* with all its state */
	int (*unserialize)(void *booster, const void *data, bst_ulong n);
	int (*save_config)(void *booster, bst_ulong *n, const char **json);
	int (*feature_score)(void *booster, const char *config, bst_ulong *n,
			     const char ***features, bst_ulong *dims, const bst_ulong **shape,
			     const float **scores);
	int (*booster_free)(void *booster);

	/* Of several ranks; bound by xgboost_api_ranks(). */
	int (*tracker_create)(const char *config, void **out);
	int (*tracker_run)(void *tracker, const char *config);
	int (*tracker_args)(void *tracker, const char **json);
	int (*tracker_wait)(void *tracker, const char *config);
	int (*tracker_free)(void *tracker);
	int (*join)(const char *config);
	int (*leave)(void);
	int (*broadcast)(void *bytes, size_t n, int from);
};

/* Find, load and bind; older than 2.0 is refused. ERR_ENGINE. */
int xgboost_api_open(struct xgboost_api *api);

/* Bind what several ranks need too: XGBoost 2.1 or later. ERR_ENGINE. */
int xgboost_api_ranks(struct xgboost_api *api);

/* The reason of the call that failed, in one line, after "<text>: ". Returns code. */
int xgboost_api_error(const struct xgboost_api *api, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* From now on this thread's log of XGBoost goes to sink, a message a line; NULL: away. */
void xgboost_api_log(const struct xgboost_api *api, struct buf *sink);

/* XGBoost's way of saying things, without clock, source line and stack: for errors and the log. */
void xgboost_api_plain(const char *text, struct buf *out);

#endif
