/* style.h - how a report looks: light and dark, from 400 pixels on, and on paper. */
#ifndef MICH_PAGE_STYLE_H
#define MICH_PAGE_STYLE_H

/* A style sheet for <style> in pieces, NULL-ended: without < and &, so that the page stays well-formed XML. */
extern const char *const page_style[];

#endif
