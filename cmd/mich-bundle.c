/* mich-bundle.c - unpack an archive: what needs libarchive, kept out of mich itself. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/store/archive.h"

static const char usage[] =
	"usage: mich-bundle unpack FILE DIR [BYTES [FILES]]\n"
	"   or: mich-bundle --version\n"
	"\n"
	"Unpack an archive (.zip, .tar, .tar.gz, .tar.zst ...) into DIR, which is made where it is missing.\n"
	"Nothing outside DIR is written, whatever the archive says. At most BYTES in FILES come out.\n"
	"mich starts it to read a packed source.\n";

/* A whole positive number; 0 where it is none. */
static int64_t number(const char *text)
{
	char *end;
	long long v = strtoll(text, &end, 10);

	return *text && !*end && v > 0 ? v : 0;
}

int main(int argc, char **argv)
{
	struct archive_limits limits = { 0 };
	int rc;

	if (argc == 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("mich-bundle " MICH_VERSION);
		return 0;
	}
	if (argc > 4)
		limits.bytes = number(argv[4]);
	if (argc > 5)
		limits.files = number(argv[5]);
	if (argc < 4 || argc > 6 || strcmp(argv[1], "unpack") != 0 || (argc > 4 && !limits.bytes) ||
	    (argc > 5 && !limits.files)) {
		fputs(usage, stderr);
		return 129;
	}
	setlocale(LC_CTYPE, "C.UTF-8"); /* names in archives are UTF-8 */
	rc = file_make_dirs(argv[3]);
	if (!rc)
		rc = archive_unpack(argv[2], argv[3], &limits);
	if (rc)
		fprintf(stderr, "mich-bundle: %s\n", error_text());
	return error_exit_status(rc);
}
