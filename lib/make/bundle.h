/* bundle.h - the program that packs and unpacks, mich-bundle. */
#ifndef MICH_MAKE_BUNDLE_H
#define MICH_MAKE_BUNDLE_H

/*
 * verb: "pack", a folder into a plain tar file, or "unpack", an archive into a folder. As
 * lib/store/archive.h says; whatever fails is ERR_STEP, with what it said.
 */
int bundle_run(const char *verb, const char *from, const char *to);

#endif
