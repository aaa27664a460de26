/* Where the pictures go. */
#ifndef NAMES_H
#define NAMES_H

#include "prompts.h"

/* The path for a picture and whether its name was our choice, so that another will do when it is taken. */
struct place {
  char *path;
  bool chosen;
};

/* Ends the process with a sentence when the folder cannot take a picture. A folder of --out-dir is made. */
void folder_require(const struct options *options);

/* The place of prompt i. Without --force the path of a chosen name is free at this moment. */
struct place place_for(const struct options *options, const struct prompts *prompts, size_t i);

/* Ends the process with a sentence when a picture would need --force. */
void places_require_free(const struct options *options, const struct place *places, size_t count);

/* The path with a number before its extension: "a.png", 2 is "a-2.png". The caller frees it. */
char *numbered(const char *path, unsigned number);

#endif
