/* `t2i "prompt"` and `t2i --from FILE`: from prompts to files. */
#ifndef PAINT_H
#define PAINT_H

#include "options.h"

int paint(const struct options *options);

#endif
