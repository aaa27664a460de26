/* The command line, read whole and checked whole before anything is done. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum command { PAINT, CHECK, MODELS, ACCOUNT, DOCTOR, HISTORY, LEDGER, RECOVER, RESUME, SETTLE, HELP, VERSION };

struct words {
  const char **items;
  size_t count;
};

/* Everything points into argv. NULL: not given. */
struct options {
  enum command command;
  const char *prompt; /* of `help` a command, of `resume` a token, of `settle` a task's number or token */
  const char *output, *model, *ratio, *seed, *provider, *config, *from, *out_dir, *catalogue;
  const char *journal, *budget, *budget_scope, *dedupe_key, *since, *accepted;
  struct words sets, references;
  bool json, dry_run, force, diff, names, online, not_accepted, help, version;
};

/* Ends the process with a sentence and CODE_USAGE when something is wrong. */
struct options options_read(int argc, char **argv);

/* The command of that name, or -1. */
int command_named(const char *name);

/* The edits (a letter more, less, other, or two exchanged) that make one word of the other. */
int word_distance(const char *one, const char *other);

#endif
