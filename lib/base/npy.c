/* npy.c - NumPy's array files. */
#define _GNU_SOURCE
#include "lib/base/npy.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

enum { HEADER_BYTES = 128, PREFIX_BYTES = 10 };

static const struct {
	const char *descr;
	size_t bytes;
} types[] = {
	[NPY_F4] = { "<f4", 4 }, [NPY_F8] = { "<f8", 8 }, [NPY_I4] = { "<i4", 4 },
	[NPY_I8] = { "<i8", 8 }, [NPY_U1] = { "|u1", 1 },
};

/* Header of a (rows, cols) array, or of a vector when cols is 0; always 128 bytes. */
static void write_header(enum npy_type type, int64_t rows, int64_t cols, char out[128])
{
	char *text = out + PREFIX_BYTES;
	int n;

	memcpy(out, "\x93NUMPY\x01\x00\x76\x00", PREFIX_BYTES);
	if (cols)
		n = snprintf(text, 118,
			     "{'descr': '%s', 'fortran_order': False, 'shape': (%lld, %lld), }",
			     types[type].descr, (long long)rows, (long long)cols);
	else
		n = snprintf(text, 118,
			     "{'descr': '%s', 'fortran_order': False, 'shape': (%lld,), }",
			     types[type].descr, (long long)rows);
	memset(text + n, ' ', 117 - (size_t)n);
	text[117] = '\n';
}

static int parse_shape(const char *s, struct npy *a)
{
	char *end;

	a->rows = strtoll(s, &end, 10);
	if (end == s || a->rows < 0 || *end != ',')
		return -1;
	s = end + 1;
	while (*s == ' ')
		s++;
	a->cols = 1;
	if (*s == ')')
		return 0;
	a->cols = strtoll(s, &end, 10);
	if (end == s || a->cols < 0)
		return -1;
	return *end == ')' ? 0 : -1;
}

static int parse_header(const char *text, struct npy *a)
{
	const char *descr = strstr(text, "'descr':"), *shape = strstr(text, "'shape':");

	if (!descr || !shape || !strstr(text, "'fortran_order': False"))
		return -1;
	descr += strlen("'descr':");
	while (*descr == ' ')
		descr++;
	shape = strchr(shape, '(');
	if (*descr != '\'' || !shape)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (!strncmp(descr + 1, types[i].descr, 3) && descr[4] == '\'') {
			a->type = (enum npy_type)i;
			return parse_shape(shape + 1, a);
		}
	return -1;
}

static int check(const char *path, struct npy *a)
{
	const unsigned char *p = a->map;
	size_t head, data, bytes;
	char text[4096];

	if (a->map_bytes < PREFIX_BYTES || memcmp(p, "\x93NUMPY", 6) || p[6] != 1)
		return error_set(ERR_CORRUPT, "'%s' is not a NumPy file of version 1", path);
	head = (size_t)p[8] | (size_t)p[9] << 8;
	if (head >= sizeof text || PREFIX_BYTES + head > a->map_bytes)
		return error_set(ERR_CORRUPT, "'%s': its header is cut short", path);
	memcpy(text, p + PREFIX_BYTES, head);
	text[head] = '\0';
	if (parse_header(text, a) < 0)
		return error_set(ERR_CORRUPT, "'%s': cannot use the header %.100s", path, text);
	data = a->map_bytes - PREFIX_BYTES - head;
	if (!mem_mul((size_t)a->rows, (size_t)a->cols, &bytes) ||
	    !mem_mul(bytes, types[a->type].bytes, &bytes) || bytes > data)
		return error_set(ERR_CORRUPT, "'%s': holds %zu bytes of data, its header says more",
				 path, data);
	a->data = p + PREFIX_BYTES + head;
	return 0;
}

int npy_open(const char *path, struct npy *a)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

	*a = (struct npy){ 0 };
	if (fd < 0)
		return error_errno("cannot open '%s'", path);
	if (fstat(fd, &st) < 0 || st.st_size == 0) {
		close(fd);
		return error_set(ERR_CORRUPT, "'%s' is empty", path);
	}
	a->map_bytes = (size_t)st.st_size;
	a->map = mmap(NULL, a->map_bytes, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (a->map == MAP_FAILED) {
		a->map = NULL;
		return error_errno("cannot map '%s'", path);
	}
	rc = check(path, a);
	if (rc)
		npy_close(a);
	return rc;
}

void npy_close(struct npy *a)
{
	if (a->map)
		munmap(a->map, a->map_bytes);
	*a = (struct npy){ 0 };
}

int npy_create(const char *path, enum npy_type type, int64_t cols, struct npy_writer *w)
{
	char head[HEADER_BYTES];

	*w = (struct npy_writer){ .f = fopen(path, "wbe"), .type = type, .cols = cols };
	if (!w->f)
		return error_errno("cannot create '%s'", path);
	w->path = xstrdup(path);
	write_header(type, 0, cols, head);
	if (fwrite(head, 1, sizeof head, w->f) != sizeof head)
		return error_errno("cannot write '%s'", path);
	return 0;
}

int npy_append(struct npy_writer *w, const void *data, int64_t rows)
{
	size_t n = (size_t)rows * (size_t)(w->cols ? w->cols : 1);

	if (fwrite(data, types[w->type].bytes, n, w->f) != n)
		return error_errno("cannot write '%s'", w->path);
	w->rows += rows;
	return 0;
}

int npy_finish(struct npy_writer *w)
{
	char head[HEADER_BYTES];
	int rc = 0;

	if (!w->f)
		return 0;
	write_header(w->type, w->rows, w->cols, head);
	if (fseek(w->f, 0, SEEK_SET) || fwrite(head, 1, sizeof head, w->f) != sizeof head ||
	    ferror(w->f))
		rc = error_errno("cannot write '%s'", w->path);
	if (fclose(w->f) && !rc)
		rc = error_errno("cannot write '%s'", w->path);
	if (rc)
		unlink(w->path);
	free(w->path);
	*w = (struct npy_writer){ 0 };
	return rc;
}

/* Writing to a map whose place is not there would end the program: it is taken before. */
static int take_place(int fd, const char *path, size_t bytes)
{
	int code = posix_fallocate(fd, 0, (off_t)bytes);

	errno = code;
	return code ? error_errno("cannot take %zu bytes for '%s'", bytes, path) : 0;
}

int npy_room_open(const char *path, enum npy_type type, int64_t rows, int64_t cols,
		  struct npy_room *out)
{
	size_t bytes;
	int fd, rc;

	*out = (struct npy_room){ 0 };
	if (!mem_mul((size_t)rows, (size_t)(cols ? cols : 1) * types[type].bytes, &bytes))
		return error_set(ERR_INPUT, "'%s' would be too large", path);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return error_errno("cannot create '%s'", path);
	rc = take_place(fd, path, bytes + HEADER_BYTES);
	if (!rc) {
		out->map_bytes = bytes + HEADER_BYTES;
		out->map = mmap(NULL, out->map_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (out->map == MAP_FAILED) {
			out->map = NULL;
			rc = error_errno("cannot map '%s'", path);
		}
	}
	close(fd);
	if (rc) {
		unlink(path);
		return rc;
	}
	write_header(type, rows, cols, out->map);
	out->data = bytes ? (char *)out->map + HEADER_BYTES : NULL;
	return 0;
}

void npy_room_close(struct npy_room *r)
{
	if (r->map)
		munmap(r->map, r->map_bytes);
	*r = (struct npy_room){ 0 };
}
