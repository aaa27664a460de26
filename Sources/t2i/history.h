/* `t2i history` and `t2i ledger`: what a journal has, read from the file alone. Neither needs a key, and neither
 * changes anything. */
#ifndef HISTORY_H
#define HISTORY_H

#include "options.h"

int history(const struct options *options);
int ledger(const struct options *options);

/* The intent of the task that has this number or token, if its submit is AMBIGUOUS; otherwise the process ends with a
 * sentence. The caller frees it. */
char *intent_to_settle(const struct options *options);

#endif
