/* The journal belongs to the library, which documents its VIEW `history` and its table `purse` for readers. It is
 * opened for reading alone, so that nothing here can harm it, and closed before anybody opens a client on it. */
#define _XOPEN_SOURCE 700
#include "history.h"

#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "say.h"
#include "screen.h"
#include "session.h"

enum { PATIENCE_MS = 5000, DAY_S = 86400, MODEL_COLUMNS = 20 };

/* The places of what `columns` asks for. */
enum {
  ID, ACCOUNT_OF, CREATED, UPDATED, PROVIDER, MODEL, REQUEST, INTENT, KEY, TOKEN, PRICE, CERTAINTY, STAGE, STATE,
  MESSAGE, RESERVED, SPENT, HELD, OPEN
};
#define COLUMNS \
  "SELECT id, printf('%016x', account), created, updated, provider, model, request, intent, key, token, price," \
  " certainty, stage, state, message, reserved, spent, held, open FROM history "

static const char *path_of(sqlite3 *journal) { return sqlite3_db_filename(journal, "main"); }

_Noreturn static void unreadable(sqlite3 *journal) {
  quit(CODE_FILE, "the journal %s cannot be read: %s", path_of(journal), sqlite3_errmsg(journal));
}

/* NULL, and said, where nothing was paid for yet. */
static sqlite3 *journal_opened(const struct options *options) {
  bool asked;
  char *path = journal_path(options, &asked);
  sqlite3 *journal = NULL;
  if (!path) quit(CODE_USAGE, "there is no journal to read; give --journal PATH");
  if (access(path, F_OK) != 0) {
    if (asked) quit(CODE_FILE, "there is no journal %s; give the path of one", path);
    say("there is no journal yet: nothing was paid for from here (%s)", path);
  } else if (sqlite3_open_v2(path, &journal, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
    quit(CODE_FILE, "the journal %s cannot be opened: %s", path, sqlite3_errmsg(journal));
  } else {
    sqlite3_busy_timeout(journal, PATIENCE_MS);
  }
  free(path);
  return journal;
}

static sqlite3_stmt *prepared(sqlite3 *journal, const char *query) {
  sqlite3_stmt *rows;
  if (sqlite3_prepare_v2(journal, query, -1, &rows, NULL) != SQLITE_OK) unreadable(journal);
  return rows;
}

static bool next_row(sqlite3 *journal, sqlite3_stmt *rows) {
  int code = sqlite3_step(rows);
  if (code != SQLITE_ROW && code != SQLITE_DONE) unreadable(journal);
  return code == SQLITE_ROW;
}

static void journal_close(sqlite3 *journal, sqlite3_stmt *rows) {
  sqlite3_finalize(rows);
  sqlite3_close(journal);
}

/* Unix seconds of "7d", the days before now, or of the beginning of a day here. */
static sqlite3_int64 since(const char *said) {
  struct tm day = {.tm_isdst = -1};
  char *end;
  long days = strtol(said, &end, 10);
  if (strcmp(end, "d") == 0 && end > said && days >= 0 && days < 100000) return time(NULL) - days * DAY_S;
  end = strptime(said, "%Y-%m-%d", &day);
  time_t begun = end && *end == 0 ? mktime(&day) : (time_t)-1;
  if (begun == (time_t)-1)
    quit(CODE_USAGE, "--since %s is neither a day nor a number of days; for example: --since 2026-11-01, --since 7d",
         said);
  return begun;
}

static const char *text_at(sqlite3_stmt *row, int column) { return (const char *)sqlite3_column_text(row, column); }

/* Where a task stands, for people. */
static const char *standing(sqlite3_stmt *row) {
  static const char *const words[][2] = {
    {"waiting", "not sent"}, {"submitting", "submitting"}, {"remote", "at service"}, {"ambiguous", "AMBIGUOUS"}};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (strcmp(words[i][0], text_at(row, STAGE)) == 0) return words[i][1];
  int state = sqlite3_column_int(row, STATE);
  if (state == T2I_S_AMBIGUOUS) return "not accepted";
  return state == T2I_S_SUCCEEDED && sqlite3_column_int(row, OPEN) ? "not saved" : state_word(state);
}

static char *cost(sqlite3_stmt *row) {
  sqlite3_int64 spent = sqlite3_column_int64(row, SPENT), kept = sqlite3_column_int64(row, HELD);
  if (sqlite3_column_type(row, SPENT) != SQLITE_NULL) return text("%s", credits(spent));
  return kept > 0 ? text("%s held", credits(kept)) : text("not said");
}

static void print_task(sqlite3_stmt *row) {
  char when[32], *paid = cost(row);
  time_t created = (time_t)(sqlite3_column_int64(row, CREATED) / 1000);
  struct tm local;
  localtime_r(&created, &local);
  strftime(when, sizeof when, "%Y-%m-%d %H:%M", &local);
  json_t *request = json_loads(text_at(row, REQUEST), 0, NULL);
  const char *prompt = json_string_value(json_object_get(request, "promptText"));
  char *line = text("%6lld  %s  %-12s  %-*s  %-16s  ", (long long)sqlite3_column_int64(row, ID), when, standing(row),
                    MODEL_COLUMNS, text_at(row, MODEL), paid);
  make_printable(line);
  if (isatty(STDOUT_FILENO)) {
    struct line cut = line_begin();
    line_add(&cut, line, 0);
    line_add(&cut, prompt ? prompt : "", 0);
    put_line("%s", cut.text);
  } else {
    put_line("%s%s", line, prompt ? prompt : "");
  }
  free(line);
  free(paid);
  json_decref(request);
}

static void add_text(json_t *task, const char *key, sqlite3_stmt *row, int column) {
  if (sqlite3_column_type(row, column) != SQLITE_NULL)
    json_object_set_new(task, key, json_string(text_at(row, column)));
}

static void add_number(json_t *task, const char *key, sqlite3_stmt *row, int column) {
  if (sqlite3_column_type(row, column) != SQLITE_NULL)
    json_object_set_new(task, key, json_integer(sqlite3_column_int64(row, column)));
}

/* The keys are those of t2i_task_json where they mean the same. */
static void print_as_json(sqlite3_stmt *row) {
  json_t *task = held(json_object()), *price = held(json_object());
  add_number(task, "id", row, ID);
  add_text(task, "account", row, ACCOUNT_OF);
  add_number(task, "created", row, CREATED);
  add_number(task, "updated", row, UPDATED);
  add_text(task, "provider", row, PROVIDER);
  add_text(task, "model", row, MODEL);
  json_t *request = json_loads(text_at(row, REQUEST), 0, NULL);
  if (request) json_object_set_new(task, "request", request);
  add_text(task, "intent", row, INTENT);
  add_text(task, "dedupeKey", row, KEY);
  add_text(task, "token", row, TOKEN);
  add_number(price, "millicredits", row, PRICE);
  add_text(price, "certainty", row, CERTAINTY);
  json_object_set_new(task, "price", price);
  add_text(task, "stage", row, STAGE);
  if (sqlite3_column_type(row, STATE) != SQLITE_NULL)
    json_object_set_new(task, "state", json_string(state_name(sqlite3_column_int(row, STATE))));
  add_text(task, "message", row, MESSAGE);
  add_number(task, "reserved", row, RESERVED);
  add_number(task, "spent", row, SPENT);
  add_number(task, "held", row, HELD);
  json_object_set_new(task, "open", json_boolean(sqlite3_column_int(row, OPEN)));
  char *line = held(json_dumps(task, JSON_COMPACT));
  puts(line);
  free(line);
  json_decref(task);
}

int history(const struct options *options) {
  sqlite3_int64 begin = options->since ? since(options->since) : 0;
  sqlite3 *journal = journal_opened(options);
  if (!journal) return CODE_DONE;
  sqlite3_stmt *rows =
      prepared(journal, COLUMNS "WHERE created >= ?1 * 1000 AND (?2 IS NULL OR model = ?2) ORDER BY id");
  sqlite3_bind_int64(rows, 1, begin);
  sqlite3_bind_text(rows, 2, options->model, -1, SQLITE_STATIC);
  if (!options->json)
    printf("NUMBER  %-16s  %-12s  %-*s  %-16s  PROMPT\n", "WHEN", "STATE", MODEL_COLUMNS, "MODEL", "COST");
  while (next_row(journal, rows)) options->json ? print_as_json(rows) : print_task(rows);
  journal_close(journal, rows);
  return CODE_DONE;
}

char *intent_to_settle(const struct options *options) {
  sqlite3 *journal = journal_opened(options);
  if (!journal) exit(CODE_FILE);
  sqlite3_stmt *rows = prepared(journal, COLUMNS "WHERE CAST(id AS TEXT) = ?1 OR token = ?1 ORDER BY id DESC LIMIT 1");
  sqlite3_bind_text(rows, 1, options->prompt, -1, SQLITE_STATIC);
  if (!next_row(journal, rows))
    quit(CODE_USAGE, "the journal has no task %s; t2i history lists them", options->prompt);
  const char *stage = text_at(rows, STAGE), *token = text_at(rows, TOKEN);
  /* What died while it was submitting nobody knows either. */
  if (strcmp(stage, "ambiguous") != 0 && strcmp(stage, "submitting") != 0)
    quit(CODE_USAGE, "task %s is not AMBIGUOUS: %s%s; there is nothing to settle", options->prompt,
         token ? "the service has it as " : "it is ", token ? token : standing(rows));
  char *intent = text("%s", text_at(rows, INTENT));
  journal_close(journal, rows);
  return intent;
}

/* By the UTC day on which a task was accepted, as the library counts it against a budget; pruned tasks too. */
static const char days[] =
  "WITH doubt (day, tasks, amount) AS (SELECT created / 86400000, COUNT(*), SUM(held) FROM history"
  "  WHERE stage = 'ambiguous' GROUP BY 1) "
  "SELECT date(purse.day * 86400, 'unixepoch'), SUM(purse.held), SUM(purse.spent), COALESCE(doubt.tasks, 0),"
  "  COALESCE(doubt.amount, 0) FROM purse LEFT JOIN doubt ON doubt.day = purse.day"
  "  GROUP BY purse.day ORDER BY purse.day";

struct money {
  long long reserved, spent, tasks, ambiguous;
};

static struct money money_of(sqlite3_stmt *row) {
  return (struct money){sqlite3_column_int64(row, 1), sqlite3_column_int64(row, 2), sqlite3_column_int64(row, 3),
                        sqlite3_column_int64(row, 4)};
}

static void print_money(const char *day, struct money money) {
  char *doubt = money.tasks > 0 ? text("%s for %lld task%s", credits(money.ambiguous), money.tasks,
                                       money.tasks > 1 ? "s" : "")
                                : text("nothing");
  put_line("%-10s  %-16s  %-16s  %s", day, credits(money.spent), credits(money.reserved), doubt);
  free(doubt);
}

static json_t *json_of_money(struct money money) {
  return held(json_pack("{s:I, s:I, s:{s:I, s:I}}", "spent", (json_int_t)money.spent, "reserved",
                        (json_int_t)money.reserved, "ambiguous", "millicredits", (json_int_t)money.ambiguous, "tasks",
                        (json_int_t)money.tasks));
}

int ledger(const struct options *options) {
  sqlite3 *journal = journal_opened(options);
  sqlite3_stmt *rows = journal ? prepared(journal, days) : NULL;
  struct money all = {0, 0, 0, 0};
  json_t *listed = held(json_array());
  if (!options->json) puts("DAY (UTC)   SPENT             RESERVED          OF IT AMBIGUOUS");
  while (journal && next_row(journal, rows)) {
    struct money money = money_of(rows);
    all = (struct money){all.reserved + money.reserved, all.spent + money.spent, all.tasks + money.tasks,
                         all.ambiguous + money.ambiguous};
    if (!options->json) print_money(text_at(rows, 0), money);
    json_t *day = json_of_money(money);
    json_object_set_new(day, "day", json_string(text_at(rows, 0)));
    json_array_append_new(listed, day);
  }
  json_t *report = json_of_money(all);
  json_object_set_new(report, "days", listed);
  if (options->json) {
    char *line = held(json_dumps(report, JSON_COMPACT));
    puts(line);
    free(line);
  } else {
    print_money("all", all);
  }
  json_decref(report);
  journal_close(journal, rows);
  return CODE_DONE;
}
