/* The prompts to work on: the one of the command line, or the lines of a file. */
#ifndef PROMPTS_H
#define PROMPTS_H

#include "options.h"

struct prompt {
  const char *text;
  size_t line; /* of the file, from 1; 0 for the one of the command line */
};

struct prompts {
  struct prompt *items;
  size_t count;
};

/* Ends the process with a sentence when there is nothing to read or it is no text. Lives until the process ends. */
struct prompts prompts_read(const struct options *options);

#endif
