/* Reads the command line by a table of flags. A flag that does not exist is answered with the nearest one that does,
 * and a lone word that is almost a command is not painted: with a hosted provider a typing error would cost money. */
#define _POSIX_C_SOURCE 200809L
#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "say.h"

enum kind { TEXT, LIST, SWITCH };
enum { OF_PAINT = 1 << PAINT, OF_CHECK = 1 << CHECK, OF_MODELS = 1 << MODELS };
enum { OF_ACCOUNT = 1 << ACCOUNT, OF_DOCTOR = 1 << DOCTOR, OF_REQUEST = OF_PAINT | OF_CHECK };
enum { OF_HISTORY = 1 << HISTORY, OF_LEDGER = 1 << LEDGER, OF_SETTLE = 1 << SETTLE };
/* Pictures of tasks that are submitted already. */
enum { OF_RECOVER = 1 << RECOVER, OF_RESUME = 1 << RESUME, OF_BACK = OF_RECOVER | OF_RESUME };
enum { OF_JOURNAL = OF_BACK | OF_SETTLE | OF_HISTORY | OF_LEDGER };
enum { OF_ALL = OF_REQUEST | OF_MODELS | OF_ACCOUNT | OF_DOCTOR | OF_JOURNAL | 1 << HELP };
enum { WORD_MAX = 32 };

struct flag {
  const char *name, *letter, *value;
  enum kind kind;
  int commands;
  size_t place;
};

#define PLACE(member) offsetof(struct options, member)
static const struct flag flags[] = {
  {"--output", "-o", "FILE", TEXT, OF_REQUEST | OF_RESUME, PLACE(output)},
  {"--model", "-m", "MODEL", TEXT, OF_REQUEST | OF_HISTORY, PLACE(model)},
  {"--ratio", "-r", "W:H", TEXT, OF_REQUEST, PLACE(ratio)},
  {"--seed", "-s", "N", TEXT, OF_REQUEST, PLACE(seed)},
  {"--provider", "-p", "NAME", TEXT, OF_REQUEST, PLACE(provider)},
  {"--set", NULL, "KEY=JSON", LIST, OF_REQUEST, PLACE(sets)},
  {"--reference", NULL, "[TAG=]PICTURE", LIST, OF_REQUEST, PLACE(references)},
  {"--config", NULL, "JSON", TEXT, OF_REQUEST | OF_ACCOUNT | OF_JOURNAL, PLACE(config)},
  {"--from", NULL, "FILE", TEXT, OF_REQUEST, PLACE(from)},
  {"--out-dir", NULL, "FOLDER", TEXT, OF_REQUEST | OF_DOCTOR | OF_BACK, PLACE(out_dir)},
  {"--journal", NULL, "PATH", TEXT, OF_REQUEST | OF_JOURNAL, PLACE(journal)},
  {"--budget", NULL, "CREDITS", TEXT, OF_REQUEST, PLACE(budget)},
  {"--budget-scope", NULL, "SCOPE", TEXT, OF_REQUEST, PLACE(budget_scope)},
  {"--dedupe-key", NULL, "KEY", TEXT, OF_REQUEST, PLACE(dedupe_key)},
  {"--since", NULL, "DATE", TEXT, OF_HISTORY, PLACE(since)},
  {"--accepted", NULL, "TOKEN", TEXT, OF_SETTLE, PLACE(accepted)},
  {"--not-accepted", NULL, NULL, SWITCH, OF_SETTLE, PLACE(not_accepted)},
  {"--catalogue", NULL, "FILE", TEXT, OF_MODELS, PLACE(catalogue)},
  {"--diff", NULL, NULL, SWITCH, OF_MODELS, PLACE(diff)},
  {"--names", NULL, NULL, SWITCH, OF_MODELS, PLACE(names)},
  {"--json", NULL, NULL, SWITCH, OF_REQUEST | OF_MODELS | OF_ACCOUNT | OF_BACK | OF_HISTORY | OF_LEDGER, PLACE(json)},
  {"--online", NULL, NULL, SWITCH, OF_DOCTOR, PLACE(online)},
  {"--dry-run", "-n", NULL, SWITCH, OF_PAINT, PLACE(dry_run)},
  {"--force", "-f", NULL, SWITCH, OF_REQUEST | OF_BACK, PLACE(force)},
  {"--help", "-h", NULL, SWITCH, OF_ALL, PLACE(help)},
  {"--version", "-V", NULL, SWITCH, OF_PAINT, PLACE(version)},
};
enum { FLAGS = sizeof flags / sizeof flags[0] };

static const char *const commands[] = {
  [CHECK] = "check",     [MODELS] = "models",   [ACCOUNT] = "account", [DOCTOR] = "doctor", [HISTORY] = "history",
  [LEDGER] = "ledger", [RECOVER] = "recover", [RESUME] = "resume",   [SETTLE] = "settle", [HELP] = "help"};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

int command_named(const char *name) {
  for (int i = CHECK; i < COMMANDS; i++)
    if (strcmp(commands[i], name) == 0) return i;
  return -1;
}

static int least(int a, int b) { return a < b ? a : b; }

int word_distance(const char *one, const char *other) {
  size_t rows = strlen(one), columns = strlen(other);
  int cost[WORD_MAX + 1][WORD_MAX + 1];
  if (rows > WORD_MAX || columns > WORD_MAX) return WORD_MAX;
  for (size_t i = 0; i <= rows; i++) cost[i][0] = (int)i;
  for (size_t j = 0; j <= columns; j++) cost[0][j] = (int)j;
  for (size_t i = 1; i <= rows; i++) {
    for (size_t j = 1; j <= columns; j++) {
      int change = cost[i - 1][j - 1] + (one[i - 1] != other[j - 1]);
      cost[i][j] = least(change, least(cost[i - 1][j], cost[i][j - 1]) + 1);
      if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
        cost[i][j] = least(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[rows][columns];
}

static const char *said(enum command command) { return command == PAINT ? "t2i" : commands[command]; }

_Noreturn static void no_such_flag(const char *name, int command) {
  int best = WORD_MAX, nearest = -1;
  for (int i = 0; i < FLAGS; i++) {
    int distance = word_distance(name, flags[i].name);
    /* "--out" is nearer to "--out-dir" than three missing letters say. */
    if (strlen(name) > 3 && strncmp(name, flags[i].name, strlen(name)) == 0) distance = 1;
    if (distance < best && (flags[i].commands & 1 << command)) best = distance, nearest = i;
  }
  if (nearest >= 0 && best <= 3)
    quit(CODE_USAGE, "there is no flag %s; did you mean %s?", name, flags[nearest].name);
  quit(CODE_USAGE, "there is no flag %s; t2i --help lists them, and after -- everything is a prompt", name);
}

/* The flag of that name: the first `length` bytes of the argument. */
static const struct flag *flag_named(const char *argument, size_t length) {
  for (int i = 0; i < FLAGS; i++) {
    const char *names[] = {flags[i].name, flags[i].letter};
    for (int j = 0; j < 2; j++)
      if (names[j] && strlen(names[j]) == length && memcmp(names[j], argument, length) == 0) return &flags[i];
  }
  return NULL;
}

static void store(struct options *options, const struct flag *flag, const char *value) {
  char *place = (char *)options + flag->place;
  if (flag->kind == SWITCH) {
    *(bool *)place = true;
  } else if (flag->kind == LIST) {
    struct words *words = (struct words *)place;
    words->items = held(realloc(words->items, (words->count + 1) * sizeof *words->items));
    words->items[words->count++] = value;
  } else {
    const char **slot = (const char **)place;
    if (*slot) quit(CODE_USAGE, "%s is given twice; give it once", flag->name);
    if (!value[0]) quit(CODE_USAGE, "%s is empty; it needs %s", flag->name, flag->value);
    *slot = value;
  }
}

/* Takes a flag, and its value from the same argument or the next; answers how many arguments it used. */
static int take_flag(struct options *options, char **argv, int left) {
  const char *equals = strncmp(argv[0], "--", 2) == 0 ? strchr(argv[0], '=') : NULL;
  size_t length = equals ? (size_t)(equals - argv[0]) : strlen(argv[0]);
  const struct flag *flag = flag_named(argv[0], length);
  if (!flag) {
    char *name = held(strndup(argv[0], length));
    no_such_flag(name, options->command);
  }
  if (!(flag->commands & 1 << options->command)) {
    int home = PAINT;
    while (!(flag->commands & 1 << home)) home++;
    if (options->command == PAINT)
      quit(CODE_USAGE, "%s belongs to t2i %s", flag->name, said((enum command)home));
    quit(CODE_USAGE, "t2i %s has no %s; see t2i help %s", said(options->command), flag->name, said(options->command));
  }
  if (flag->kind == SWITCH) {
    if (equals) quit(CODE_USAGE, "%s takes no value", flag->name);
    store(options, flag, NULL);
    return 1;
  }
  if (equals) {
    store(options, flag, equals + 1);
    return 1;
  }
  if (left < 2 || flag_named(argv[1], strlen(argv[1])))
    quit(CODE_USAGE, "%s needs %s after it", flag->name, flag->value);
  store(options, flag, argv[1]);
  return 2;
}

static void take_prompt(struct options *options, const char *word) {
  static const int wordless = OF_MODELS | OF_ACCOUNT | OF_DOCTOR | OF_HISTORY | OF_LEDGER | OF_RECOVER;
  if (wordless & 1 << options->command)
    quit(CODE_USAGE, "t2i %s takes no \"%s\"; to paint it: t2i \"%s ...\"", said(options->command), word,
         said(options->command));
  if (options->prompt && (OF_RESUME | OF_SETTLE) & 1 << options->command)
    quit(CODE_USAGE, "t2i %s takes one task, and there are \"%s\" and \"%s\"", said(options->command), options->prompt,
         word);
  if (options->prompt)
    quit(CODE_USAGE, "the prompt ends before \"%s\"; put all of it in quotes: t2i \"%s %s ...\"", word, options->prompt,
         word);
  options->prompt = word;
}

/* A lone word that is no command but nearly one. */
static void refuse_misspelt_command(const char *word) {
  for (int i = CHECK; i < COMMANDS; i++)
    if (word_distance(word, commands[i]) == 1)
      quit(CODE_USAGE, "did you mean t2i %s? To paint the word: t2i -- %s", commands[i], word);
}

static void require_what_settles(const struct options *options) {
  if (!options->prompt)
    quit(CODE_USAGE, "t2i settle needs a task: its number in t2i history, such as t2i settle 7 --not-accepted");
  if (!options->accepted == !options->not_accepted)
    quit(CODE_USAGE, "say one of: --accepted TOKEN, if the service has the task, or --not-accepted");
}

static void require_what_fits(const struct options *options) {
  if (options->command == SETTLE && !options->help) require_what_settles(options);
  if (options->command == RESUME && !options->help && !options->prompt)
    quit(CODE_USAGE, "t2i resume needs a token, such as t2i resume runway:0f9c7a3e-... -o FILE");
  if (options->budget_scope && !options->budget)
    quit(CODE_USAGE, "--budget-scope says of what --budget CREDITS is the limit: add that");
  if (options->dedupe_key && options->from)
    quit(CODE_USAGE, "--dedupe-key names one task and --from brings many; give a prompt");
  bool request = options->command == PAINT || options->command == CHECK;
  if (options->help || options->version || !request) {
    if (options->diff && !options->catalogue)
      quit(CODE_USAGE, "--diff compares a newer catalogue with the one built in: add --catalogue FILE");
    if (options->json && options->names) quit(CODE_USAGE, "--json and --names exclude each other; give one");
    if (options->diff && options->names) quit(CODE_USAGE, "--diff and --names exclude each other; give one");
    return;
  }
  if (options->prompt && options->from)
    quit(CODE_USAGE, "there is a prompt and --from %s; give one of them", options->from);
  if (!options->prompt && !options->from)
    quit(CODE_USAGE, "there is no prompt; for example: t2i \"a lighthouse at dusk\"  (t2i --help says more)");
  if (options->prompt && !options->prompt[0])
    quit(CODE_USAGE, "the prompt is empty; for example: t2i \"a lighthouse at dusk\"");
  if (options->output && options->from)
    quit(CODE_USAGE, "-o names one file and --from brings many prompts; use --out-dir FOLDER");
  if (options->output && options->out_dir)
    quit(CODE_USAGE, "-o and --out-dir exclude each other; give -o FOLDER/FILE");
  if (options->output && strcmp(options->output, "-") == 0)
    quit(CODE_USAGE, "a picture is not written to standard output; give -o a file name");
}

struct options options_read(int argc, char **argv) {
  struct options options = {.command = PAINT};
  int position = 1;
  bool only_words = false, lone = false;
  if (argc > 1 && command_named(argv[1]) >= 0) options.command = (enum command)command_named(argv[position++]);
  while (position < argc) {
    char *word = argv[position];
    if (!only_words && strcmp(word, "--") == 0) {
      only_words = true;
      position++;
    } else if (!only_words && word[0] == '-' && word[1]) {
      position += take_flag(&options, argv + position, argc - position);
    } else {
      lone = !only_words && options.command == PAINT && !options.prompt;
      take_prompt(&options, word);
      position++;
    }
  }
  if (lone) refuse_misspelt_command(options.prompt);
  require_what_fits(&options);
  if (options.version) options.command = VERSION;
  return options;
}
