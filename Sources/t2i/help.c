/* The help. `t2i --help` fits a terminal of 80 by 24, which a test measures; the man page says the rest. */
#include "help.h"

#include <stdio.h>

#include "say.h"

static const char overview[] =
  "t2i \"PROMPT\" [FLAGS]               paints a picture and prints the file's path\n"
  "t2i --from FILE --out-dir FOLDER   a picture for each line of FILE (-: stdin)\n"
  "t2i check \"PROMPT\" [FLAGS]         every problem of a request, and its price\n"
  "t2i models, t2i account            what there is and costs; what is left\n"
  "t2i history                        what was paid; t2i recover finishes it\n"
  "t2i doctor [--online]              what is installed here, for bug reports\n"
  "\n"
  "  -o, --output FILE         the picture (default: named after the prompt)\n"
  "  -m, --model MODEL         default gen4_image; t2i models lists them\n"
  "  -r, --ratio W:H           pixels, such as 1280:720\n"
  "  -s, --seed N              the same seed, the same picture\n"
  "  -p, --provider NAME       sketch: offline and free; runway: with a key\n"
  "  --reference [TAG=]PICTURE a picture to go by: file or URI; may be repeated\n"
  "  --set KEY=JSON            any other parameter of the model; may be repeated\n"
  "  --config JSON             settings of the library, such as a budget\n"
  "  -n, --dry-run             checks and names the file, sends nothing\n"
  "  -f, --force               replaces files that exist\n"
  "  --json                    JSON lines on stdout\n"
  "\n"
  "Key: environment variable RUNWAYML_API_SECRET; without one, sketch paints.\n"
  "Exit codes: 0 done, 1 no picture, 2 usage, 3 refused by the check, 4 key,\n"
  "5 money, 6 file, 7 network or service, 8 library, 130 interrupted.\n"
  "More: t2i help COMMAND, man t2i\n";

static const char check_help[] =
  "t2i check \"PROMPT\" [the flags of t2i]\n"
  "t2i check --from FILE [the flags of t2i]\n"
  "\n"
  "Prints every problem of a request: where it is, what would be allowed, what\n"
  "was probably meant; and what the picture would cost. Nothing is sent.\n"
  "\n"
  "  --json  a JSON line for each prompt: the report of t2i_check, with the\n"
  "          prompt's number\n"
  "\n"
  "Exit codes: 0 all are right, 3 at least one is refused.\n";

static const char models_help[] =
  "t2i models [--catalogue FILE] [--json | --names]\n"
  "t2i models --catalogue FILE --diff [--json]\n"
  "\n"
  "Lists the models: price of a picture, number of references, best use.\n"
  "\n"
  "  --catalogue FILE  the catalogue in FILE instead of the one built in\n"
  "  --diff            what FILE changes: models, prices, ratios, references,\n"
  "                    parameters\n"
  "  --json            the same as JSON, with all ratios and parameters\n"
  "  --names           the names of the models, one a line\n";

static const char account_help[] =
  "t2i account [--json] [--config JSON]\n"
  "\n"
  "Asks the hosted service for the account of the key in RUNWAYML_API_SECRET:\n"
  "its balance, the most it may spend in a month, the limits of each model that\n"
  "has any, and what was used in the last 30 days. Costs nothing; waits at most\n"
  "60 seconds.\n"
  "\n"
  "  --json         all of it, in the service's own words\n"
  "  --config JSON  settings of the library, such as a proxy\n"
  "\n"
  "Exit codes: 0 done, 4 no key or not accepted, 7 network or service.\n";

static const char history_help[] =
  "t2i history [--since DATE] [--model MODEL] [--json]\n"
  "t2i ledger [--json]\n"
  "\n"
  "Every step that may cost money is written in a journal before it is taken.\n"
  "history lists the tasks in it, ledger what they cost by day: spent, held for\n"
  "those on their way, and of that what is ambiguous. Both only read the file.\n"
  "\n"
  "  --since DATE    a day, such as 2026-11-01, or a number of days, such as 7d\n"
  "  --model MODEL   tasks of this model\n"
  "  --json          history: a line for each task; ledger: one object\n"
  "  --journal PATH  this journal; default $XDG_STATE_HOME/t2i/journal.sqlite\n"
  "\n"
  "Of t2i \"PROMPT\" too, beside --journal PATH, where none keeps no journal:\n"
  "  --budget CREDITS      refuses what would cost more than that altogether\n"
  "  --budget-scope SCOPE  client: this call (default); day (UTC); journal: ever\n"
  "  --dedupe-key KEY      the same key again is the same task, paid once\n";

static const char recover_help[] =
  "t2i recover [--out-dir FOLDER] [--force] [--json]\n"
  "t2i resume TOKEN [-o FILE] [--force] [--json]\n"
  "t2i settle NUMBER --accepted TOKEN | --not-accepted\n"
  "\n"
  "recover finds what a crash or an interruption left, waits for it and saves\n"
  "its pictures; what it was paid for is not paid again. resume does so for one\n"
  "task by its token, submitted anywhere with this key.\n"
  "\n"
  "A submit whose answer was lost is AMBIGUOUS: nobody here knows whether it was\n"
  "charged. When you do, from the service's own pages, settle says it:\n"
  "  --accepted TOKEN  it has this token; t2i recover fetches its pictures\n"
  "  --not-accepted    it was not: what is held for it is free again\n"
  "\n"
  "Ctrl-C stops watching and cancels nothing. All three take --journal PATH and\n"
  "--config JSON.\n"
  "\n"
  "Exit codes: 0 done, 1 one failed, 4 key, 5 one may have been charged, 6 file.\n";

static const char doctor_help[] =
  "t2i doctor [--online] [--out-dir FOLDER]\n"
  "\n"
  "Prints what is installed here and whether it fits: versions, key (never its\n"
  "value), catalogue, folders, clock, terminal. What is wrong is followed by the\n"
  "way to put it right. It shows no key, no home folder and no user name: paste\n"
  "it as it is.\n"
  "\n"
  "  --online  asks the hosted service too: is the key accepted, is the clock\n"
  "            within a minute of its own, the balance, and whether today's limits\n"
  "            leave room. Costs nothing.\n"
  "\n"
  "Exit codes: 0 nothing is wrong, 1 something is; with --online 4 for the key,\n"
  "7 for the network or the service.\n";

int help(const struct options *options) {
  int command = options->command;
  if (command == HELP) command = options->prompt ? command_named(options->prompt) : PAINT;
  if (command < 0)
    quit(CODE_USAGE, "there is no command %s; there are check, models, account, doctor, history, ledger, recover, "
         "resume, settle and help", options->prompt);
  const char *const pages[] = {
    [PAINT] = overview,        [CHECK] = check_help,   [MODELS] = models_help,
    [ACCOUNT] = account_help, [DOCTOR] = doctor_help,   [HISTORY] = history_help, [LEDGER] = history_help,
    [RECOVER] = recover_help, [RESUME] = recover_help, [SETTLE] = recover_help,  [HELP] = overview};
  fputs(pages[command], stdout);
  return CODE_DONE;
}
