/* t2i, the command-line tool: a C program against t2i.h alone, as anybody could write one. This file finds out what is
 * asked and whether the library that was loaded is one this program can speak to. */
#define _POSIX_C_SOURCE 200809L
#include <locale.h>
#include <signal.h>
#include <stdio.h>

#include "account.h"
#include "check.h"
#include "doctor.h"
#include "help.h"
#include "history.h"
#include "models.h"
#include "options.h"
#include "paint.h"
#include "recover.h"
#include "say.h"
#include "screen.h"
#include "version.h"

enum { STDOUT_BYTES = 1 << 20 };

static int version(void) {
  printf("t2i %d.%d.%d, libt2i %s\n", T2I_VERSION_MAJOR, T2I_VERSION_MINOR, T2I_VERSION_PATCH, library_version());
  return library_fits() ? CODE_DONE : CODE_LIBRARY;
}

static int run(const struct options *options) {
  if (options->help || options->command == HELP) return help(options);
  if (options->command == DOCTOR) return doctor(options);
  if (!library_fits()) say("%s", library_misfit());
  if (options->command == VERSION) return version();
  if (!library_fits()) return CODE_LIBRARY;
  if (options->command == MODELS) return models(options);
  if (options->command == ACCOUNT) return account(options);
  if (options->command == HISTORY) return history(options);
  if (options->command == LEDGER) return ledger(options);
  if (options->command == RECOVER) return recover(options);
  if (options->command == RESUME) return resume(options);
  if (options->command == SETTLE) return settle(options);
  if (options->command == CHECK || options->dry_run) return check(options);
  return paint(options);
}

int main(int argc, char **argv) {
  /* Only the kind of characters: numbers in another notation would confuse what reads JSON. */
  setlocale(LC_CTYPE, "");
  /* A reader that went away and a file that may not grow are errors to be told, not ends of the process. */
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  /* Larger than any answer: a failure to write then comes from a flush, which knows why. */
  static char buffer[STDOUT_BYTES];
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  screen_begin();
  struct options options = options_read(argc, argv);
  return flushed(run(&options));
}
