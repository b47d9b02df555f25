/* mich-bundle.c - unpack and pack archives: what needs libarchive, kept out of mich itself. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/inherited.h"
#include "lib/store/archive.h"

static const char usage[] =
	"usage: mich-bundle unpack FILE DIR [BYTES [FILES]]\n"
	"   or: mich-bundle pack DIR FILE\n"
	"   or: mich-bundle --version\n"
	"\n"
	"Unpack an archive (.zip, .tar, .tar.gz, .tar.zst ...) into DIR, which is made where it is missing.\n"
	"Nothing outside DIR is written, whatever the archive says. At most BYTES in FILES come out.\n"
	"Pack everything below DIR into FILE, a plain tar that has the same bytes whenever the files are the same.\n"
	"mich starts it to read a packed source, and to make a package.\n";

/* A whole positive number; 0 where it is none. */
static int64_t number(const char *text)
{
	char *end;
	long long v = strtoll(text, &end, 10);

	return *text && !*end && v > 0 ? v : 0;
}

static int unpack(int argc, char **argv)
{
	struct archive_limits limits = { 0 };
	int rc;

	if (argc > 4)
		limits.bytes = number(argv[4]);
	if (argc > 5)
		limits.files = number(argv[5]);
	if (argc < 4 || argc > 6 || (argc > 4 && !limits.bytes) || (argc > 5 && !limits.files))
		return ERR_USAGE;
	rc = file_make_dirs(argv[3]);
	return rc ? rc : archive_unpack(argv[2], argv[3], &limits);
}

int main(int argc, char **argv)
{
	int rc = ERR_USAGE;

	if (inherited_settle() < 0) {
		fprintf(stderr, "mich-bundle: %s\n", error_text());
		return error_exit_status(ERR_FAIL);
	}
	if (argc == 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("mich-bundle " MICH_VERSION);
		return 0;
	}
	setlocale(LC_CTYPE, "C.UTF-8"); /* names in archives are UTF-8 */
	if (argc > 1 && !strcmp(argv[1], "unpack"))
		rc = unpack(argc, argv);
	else if (argc == 4 && !strcmp(argv[1], "pack"))
		rc = archive_pack(argv[2], argv[3]);
	if (rc == ERR_USAGE) {
		fputs(usage, stderr);
		return 129;
	}
	if (rc)
		fprintf(stderr, "mich-bundle: %s\n", error_text());
	return error_exit_status(rc);
}
