/* `t2i account`: what the hosted service says of the account, and the question itself for `t2i doctor --online`. */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <jansson.h>

#include "options.h"
#include "t2i.h"

int account(const struct options *options);

/* Asks the service, for a minute at most. The document, or NULL with the error; after Ctrl-C NULL with
 * T2I_E_CANCELLED. The caller releases it. */
json_t *account_of(t2i_client client, t2i_error *error);

/* The service counts today's pictures of this model up to its daily limit, and that is reached. */
bool is_used_up(const json_t *organization, const char *model);

/* "12 credits", "0.5 credits", "not said" of anything that is no number. Lives until eight calls later. */
const char *credit_words(const json_t *amount);

#endif
