/* What the tool says to a person, and the codes it ends with. Everything that is not a result goes to stderr through
 * here: cleaned of control characters, so that no prompt and no answer of a service can write escape codes to a
 * terminal. */
#ifndef SAY_H
#define SAY_H

#include <stdbool.h>
#include <stddef.h>

#include "t2i.h"

/* The man page lists these; a test compares. A signal ends with 128 and its number. */
enum {
  CODE_DONE = 0,
  CODE_TASK = 1,    /* a picture was not made */
  CODE_USAGE = 2,   /* the command line, the config or the list of prompts is wrong */
  CODE_REFUSED = 3, /* the check refused the request: nothing was sent */
  CODE_KEY = 4,     /* no key, or the service does not accept it */
  CODE_MONEY = 5,   /* budget, credits, or maybe charged without a picture */
  CODE_FILE = 6,    /* a file or folder */
  CODE_SERVICE = 7, /* the network or the service; worth trying again later */
  CODE_LIBRARY = 8, /* libt2i is of another version, lacks something, or failed */
  CODE_CLOSED_PIPE = 141
};

/* One sentence on stderr, after "t2i: ". */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says a sentence and ends. */
_Noreturn void quit(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The code for how a call or a task ended. */
int code_of(t2i_status status);

/* The text of an error: where, then the sentence, unless that begins with the same word. Lives until the next call. */
const char *sentence(const t2i_error *error);

/* A new string that the caller frees; the process ends when there is no memory. */
char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The pointer, or the end of the process: there is nothing to do without memory. */
void *held(void *memory);

/* "5 credits", "0.5 credits", "nothing". Lives until eight calls later. */
const char *credits(long long millicredits);

/* Replaces control characters, of one byte or of two (C1), by spaces, in place. */
void make_printable(char *line);

/* One line on stdout at once. CODE_DONE, or the code to end with; why it could not be written is said, unless the
 * reader just went away. */
int print_line(const char *line);

/* One line of a longer answer on stdout, cleaned as stderr is: catalogues and prompts come from anywhere. */
void put_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ends with the code, unless what was written to stdout could not be delivered. */
int flushed(int code);

#endif
