/* `t2i models`: the menu, and what a newer catalogue changes in it. */
#ifndef MODELS_H
#define MODELS_H

#include <jansson.h>

#include "options.h"
#include "t2i.h"

int models(const struct options *options);

/* The menu of a client, or the one built in (0). Ends the process with a sentence when there is none. */
json_t *menu_of(t2i_client client);

/* The least and the most a picture of this model costs, in millicredits. False: nobody knows. */
bool price_bounds(const json_t *model, json_int_t *least, json_int_t *most);

/* "5 to 8 credits". The caller frees it. */
char *price_words(const json_t *model);

/* "0 to 3". The caller frees it. */
char *reference_words(const json_t *model);

/* The changes from one menu to another, printed; --json: as one object. */
void print_difference(const json_t *from, const json_t *to, bool as_json);

#endif
