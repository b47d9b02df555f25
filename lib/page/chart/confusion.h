/* confusion.h - which class was taken for which. */
#ifndef MICH_PAGE_CHART_CONFUSION_H
#define MICH_PAGE_CHART_CONFUSION_H

#include "lib/base/json.h"
#include "lib/page/html.h"

/* {"classes":[..],"counts":[[..]]}, rows the truth, columns the prediction; the first classes of too many. */
void confusion_put(struct html *h, const json_t *confusion);

#endif
