/* What `t2i --help` and `t2i help COMMAND` print. */
#ifndef HELP_H
#define HELP_H

#include "options.h"

int help(const struct options *options);

#endif
