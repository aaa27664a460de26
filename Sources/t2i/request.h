/* From options and a prompt to the JSON of a request. */
#ifndef REQUEST_H
#define REQUEST_H

#include <jansson.h>

#include "options.h"

/* What all prompts have in common. Ends the process with a sentence when a flag has no such value. */
json_t *request_common(const struct options *options);

/* The request for one prompt as JSON text, which the caller frees. */
char *request_for(const json_t *common, const char *prompt);

/* Parses what a flag brought; ends the process with a sentence about the flag when it is no JSON. */
json_t *json_of_flag(const char *flag, const char *text, const char *example);

#endif
