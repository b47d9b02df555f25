/* folder.h - the listing of a folder's files, without storing any. */
#ifndef MICH_RECORD_CONTENT_FOLDER_H
#define MICH_RECORD_CONTENT_FOLDER_H

#include "lib/record/content/contents.h"

/* As recording dir's files would list them; *out is cleared by the caller. ERR_IO. */
int folder_contents(const char *dir, struct contents *out);

#endif
