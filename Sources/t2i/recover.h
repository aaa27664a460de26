/* `t2i recover`, `t2i resume` and `t2i settle`: tasks that are at the service already, and nobody watches. */
#ifndef RECOVER_H
#define RECOVER_H

#include "options.h"

int recover(const struct options *options);
int resume(const struct options *options);
int settle(const struct options *options);

#endif
