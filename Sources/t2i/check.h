/* Whether a request is right, and what it would cost, before anything is sent. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>

#include "options.h"
#include "t2i.h"

/* `t2i check` and `t2i --dry-run`. */
int check(const struct options *options);

/* True after saying the warnings of a right request; false with the first error of a wrong one. */
bool check_before_paying(t2i_client client, const char *request, const char *label, t2i_error *error);

#endif
