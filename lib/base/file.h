/* file.h - whole files and folders. Every failure sets the reason with the path in it. */
#ifndef MICH_BASE_FILE_H
#define MICH_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "lib/base/buf.h"

/* All of a file, appended to out. ERR_NOT_FOUND, ERR_IO. */
int file_read(const char *path, struct buf *out);

/* Write all of n bytes to fd, through short writes and EINTR. */
int file_write_fd(int fd, const void *data, size_t n);

/*
 * By a temporary file beside it, fsync and rename: a reader sees the old bytes or the new ones. What
 * is there and is no regular file (/dev/stdout, a pipe, a link) is written to where it is.
 */
int file_write(const char *path, const void *data, size_t n);

/*
 * The same for what is written piece by piece: write to w.fd, then end it. With rc 0 the file takes
 * its place, else nothing is left; returns rc, or why it could not take its place.
 */
struct file_whole {
	int fd;
	char *temp, *path;
};
int file_whole_open(const char *path, struct file_whole *w);
int file_whole_end(struct file_whole *w, int rc);

int file_make_dirs(const char *path);	 /* mkdir -p, mode 0777 & umask */
int file_make_parents(const char *path); /* the folder that path lies in */
int file_remove_tree(const char *path);	 /* rm -rf; 0 when it is not there */
int file_copy(const char *from, const char *to,
	      int mode);	     /* reflink, copy_file_range, or read/write */
int file_sync_dir(const char *path); /* fsync of a folder */
bool file_exists(const char *path);
bool file_is_dir(const char *path);

/*
 * Call fn for every entry below dir, folders before what is in them, names sorted by bytes; rel is
 * the path below dir. Links are not followed. A non-zero answer of fn ends the walk and is returned.
 */
typedef int (*file_walk_fn)(const char *path, const char *rel, const struct stat *st,
			    void *payload);
int file_walk(const char *dir, file_walk_fn fn, void *payload);

/* dir/name; caller frees. */
char *path_join(const char *dir, const char *name);
const char *path_base(const char *path);		/* after the last slash; borrowed */
bool path_ends_with(const char *path, const char *end); /* and something stands before it */

#endif
