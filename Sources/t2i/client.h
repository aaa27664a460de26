/* Opening the library: which provider paints, and with which settings. */
#ifndef CLIENT_H
#define CLIENT_H

#include <stdbool.h>

#include "options.h"
#include "t2i.h"

/* The name of the environment variable with the key. */
extern const char key_variable[];

/* Ends the process with a sentence when nothing can be opened. Warnings of the library are said. */
t2i_client client_open(const struct options *options);

/* A client of the hosted service with the journal that the options name, opened with these T2I_OPEN_ flags. Of tasks
 * that are unfinished nothing is said: whoever opens it so is about to ask. */
t2i_client client_open_journal(const struct options *options, uint32_t flags);

/* Where the journal of these options lies, or that there is none (NULL). `asked` becomes whether somebody named it. The
 * caller frees it. */
char *journal_path(const struct options *options, bool *asked);

/* A client of the hosted service, for questions about the account. It keeps no journal. Ends the process with a
 * sentence when there is no key or nothing can be opened. */
t2i_client client_open_hosted(const struct options *options);

/* The same, and what cannot be opened is the caller's to tell: 0 and the error. */
t2i_client client_try_hosted(t2i_error *error);

/* "2 paid tasks are unfinished: t2i recover". */
void say_unfinished(size_t count);

/* A client that only reads a catalogue: of a file, or the one built in (NULL). */
t2i_client client_open_catalogue(const char *path);

#endif
