/* Whether a request is right, and what it would cost, before anything is sent. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>

#include "options.h"
#include "t2i.h"

/* `t2i check` and `t2i --dry-run`. */
int check(const struct options *options);

/* Says the warnings of a request; false with the first error when it has errors. */
bool check_before_paying(t2i_client client, const char *request, const char *label, t2i_error *error);

#endif
