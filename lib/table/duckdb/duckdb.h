/*
 * duckdb.h - the part of DuckDB's C API that lib/table uses, found in libduckdb.so at run time.
 *
 * DuckDB publishes no header with its library, so the declarations are here. Handles are pointers
 * to nothing we look into; duck_result is passed by value, six words wide, since DuckDB 0.3.
 */
#ifndef MICH_TABLE_DUCKDB_DUCKDB_H
#define MICH_TABLE_DUCKDB_DUCKDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct duck_result {
	uint64_t deprecated[3];
	void *deprecated_columns;
	char *deprecated_error;
	void *internal;
};

/* A string in a vector: up to 12 bytes lie in it, longer ones behind the pointer. */
struct duck_string {
	uint32_t length;
	char start[4]; /* of the text; 12 bytes of it may follow on */
	union {
		char inlined[8];
		const char *data;
	};
};

static inline const char *duck_string_data(const struct duck_string *s)
{
	return s->length <= 12 ? (const char *)s + sizeof s->length : s->data;
}

enum duck_type {
	DUCK_BOOLEAN = 1,
	DUCK_TINYINT = 2,
	DUCK_SMALLINT = 3,
	DUCK_INTEGER = 4,
	DUCK_BIGINT = 5,
	DUCK_UTINYINT = 6,
	DUCK_USMALLINT = 7,
	DUCK_UINTEGER = 8,
	DUCK_UBIGINT = 9,
	DUCK_FLOAT = 10,
	DUCK_DOUBLE = 11,
	DUCK_TIMESTAMP = 12,
	DUCK_DATE = 13,
	DUCK_TIME = 14,
	DUCK_INTERVAL = 15,
	DUCK_HUGEINT = 16,
	DUCK_VARCHAR = 17,
	DUCK_BLOB = 18,
	DUCK_DECIMAL = 19,
	DUCK_TIMESTAMP_S = 20,
	DUCK_TIMESTAMP_MS = 21,
	DUCK_TIMESTAMP_NS = 22,
	DUCK_ENUM = 23,
	DUCK_UUID = 27,
	DUCK_TIMESTAMP_TZ = 31,
	DUCK_UHUGEINT = 32,
	DUCK_ANY = 34,
};

typedef void (*duck_delete_fn)(void *data);
typedef void (*duck_info_fn)(void *info);
typedef void (*duck_table_fn)(void *info, void *chunk);
typedef void (*duck_scalar_fn)(void *info, void *chunk, void *out_vector);

/* Each is duckdb_NAME in the library; state results are 0 for success. */
#define DUCK_FUNCTIONS(X)                                                                     \
	X(const char *, library_version, (void))                                              \
	X(int, create_config, (void **config_out))                                            \
	X(int, set_config, (void *config, const char *name, const char *value))               \
	X(void, destroy_config, (void **config))                                              \
	X(int, open_ext, (const char *path, void **db_out, void *config, char **error_out))   \
	X(void, close, (void **db))                                                           \
	X(int, connect, (void *db, void **conn_out))                                          \
	X(void, disconnect, (void **conn))                                                    \
	X(void, free, (void *p))                                                              \
	X(int, query, (void *conn, const char *sql, struct duck_result *out))                 \
	X(void, destroy_result, (struct duck_result * r))                                     \
	X(const char *, result_error, (struct duck_result * r))                               \
	X(uint64_t, column_count, (struct duck_result * r))                                   \
	X(void *, column_logical_type, (struct duck_result * r, uint64_t col))                \
	X(int, column_type, (struct duck_result * r, uint64_t col))                           \
	X(int, prepare, (void *conn, const char *sql, void **stmt_out))                       \
	X(const char *, prepare_error, (void *stmt))                                          \
	X(void, destroy_prepare, (void **stmt))                                               \
	X(int, pending_prepared_streaming, (void *stmt, void **pending_out))                  \
	X(int, execute_pending, (void *pending, struct duck_result *out))                     \
	X(const char *, pending_error, (void *pending))                                       \
	X(void, destroy_pending, (void **pending))                                            \
	X(void *, fetch_chunk, (struct duck_result r))                                        \
	X(uint64_t, data_chunk_get_size, (void *chunk))                                       \
	X(void, data_chunk_set_size, (void *chunk, uint64_t n))                               \
	X(void *, data_chunk_get_vector, (void *chunk, uint64_t col))                         \
	X(void, destroy_data_chunk, (void **chunk))                                           \
	X(uint64_t, vector_size, (void))                                                      \
	X(void *, vector_get_data, (void *vector))                                            \
	X(uint64_t *, vector_get_validity, (void *vector))                                    \
	X(void, vector_ensure_validity_writable, (void *vector))                              \
	X(void, vector_assign_string_element_len,                                             \
	  (void *vector, uint64_t row, const char *s, uint64_t n))                            \
	X(void *, valid_utf8_check, (const char *s, uint64_t n))                              \
	X(void, destroy_error_data, (void **error))                                           \
	X(void, vector_reference_vector, (void *to, void *from))                              \
	X(void *, create_selection_vector, (uint64_t size))                                   \
	X(void, destroy_selection_vector, (void *sel))                                        \
	X(uint32_t *, selection_vector_get_data_ptr, (void *sel))                             \
	X(void, vector_copy_sel,                                                              \
	  (void *from, void *to, void *sel, uint64_t end, uint64_t start, uint64_t to_start)) \
	X(void *, create_logical_type, (int type))                                            \
	X(void, destroy_logical_type, (void **type))                                          \
	X(void *, create_table_function, (void))                                              \
	X(void, destroy_table_function, (void **f))                                           \
	X(void, table_function_set_name, (void *f, const char *name))                         \
	X(void, table_function_add_parameter, (void *f, void *type))                          \
	X(void, table_function_set_extra_info, (void *f, void *extra, duck_delete_fn del))    \
	X(void, table_function_set_bind, (void *f, duck_info_fn fn))                          \
	X(void, table_function_set_init, (void *f, duck_info_fn fn))                          \
	X(void, table_function_set_function, (void *f, duck_table_fn fn))                     \
	X(int, register_table_function, (void *conn, void *f))                                \
	X(void *, bind_get_extra_info, (void *info))                                          \
	X(void *, bind_get_parameter, (void *info, uint64_t i))                               \
	X(void, bind_add_result_column, (void *info, const char *name, void *type))           \
	X(void, bind_set_bind_data, (void *info, void *data, duck_delete_fn del))             \
	X(void, bind_set_error, (void *info, const char *error))                              \
	X(void *, function_get_bind_data, (void *info))                                       \
	X(void, function_set_error, (void *info, const char *error))                          \
	X(void, init_set_max_threads, (void *info, uint64_t n))                               \
	X(int64_t, get_int64, (void *value))                                                  \
	X(void, destroy_value, (void **value))                                                \
	X(void *, create_scalar_function, (void))                                             \
	X(void, destroy_scalar_function, (void **f))                                          \
	X(void, scalar_function_set_name, (void *f, const char *name))                        \
	X(void, scalar_function_add_parameter, (void *f, void *type))                         \
	X(void, scalar_function_set_return_type, (void *f, void *type))                       \
	X(void, scalar_function_set_extra_info, (void *f, void *extra, duck_delete_fn del))   \
	X(void *, scalar_function_get_extra_info, (void *info))                               \
	X(void, scalar_function_set_function, (void *f, duck_scalar_fn fn))                   \
	X(int, register_scalar_function, (void *conn, void *f))

struct duck_api {
#define X(ret, name, args) ret(*name) args;
	DUCK_FUNCTIONS(X)
#undef X
};

/* The library's functions; valid after duck_load() gave 0. */
extern struct duck_api duck;

/* Load the library, once a process. ERR_ENGINE says what to install. */
int duck_load(void);

/* Whether a string may go into a vector: DuckDB's are UTF-8. */
bool duck_is_utf8(const char *s, size_t n);

static inline bool duck_valid(const uint64_t *mask, uint64_t row)
{
	return !mask || (mask[row >> 6] >> (row & 63) & 1);
}

#endif
