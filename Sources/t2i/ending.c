/* How a picture ends: in a file, or with a sentence that says why not and what it cost. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "interrupt.h"
#include "say.h"
#include "session.h"

enum { TRIES_MAX = 1000, SAVE_TIMEOUT_MS = 120000 };

/* Possibly paid for nothing is the one thing a script must not overlook. */
static void count_failure(struct session *session, int code) {
  session->failed++;
  if (session->code == CODE_MONEY || code == CODE_MONEY) session->code = CODE_MONEY;
  else session->code = session->code == CODE_DONE || session->code == code ? code : CODE_TASK;
}

void print_result(struct session *session, const char *line) {
  int code = print_line(line);
  if (code != CODE_DONE && session->stop_code == 0) session->stop_code = code;
}

void ending_refused(struct session *session, size_t index, const t2i_error *error) {
  int code = code_of(error->status);
  count_failure(session, code);
  event_done(session, index, NULL, error, NULL);
  const char *reason = sentence(error);
  if (session->last_refusal && strcmp(session->last_refusal, reason) == 0) {
    session->refused_alike++;
    return;
  }
  free(session->last_refusal);
  session->last_refusal = text("%s", reason);
  say("%s%s", job_label(session, index), reason);
}

static json_t *task_report(const struct session *session, t2i_task task) {
  char *report;
  size_t length;
  if (t2i_task_json(session->client, task, &report, &length, NULL) != T2I_OK) return NULL;
  json_t *read = json_loadb(report, length, 0, NULL);
  t2i_free(report);
  return read;
}

/* The price is known to be nothing: then so is what a task cost that never got as far as a bill. */
static bool is_free(const json_t *report) {
  const json_t *price = json_object_get(report, "price"), *amount = json_object_get(price, "millicredits");
  const char *certainty = json_string_value(json_object_get(price, "certainty"));
  return amount && json_integer_value(amount) == 0 && certainty && strcmp(certainty, "known") == 0;
}

/* The service never named the task: it refused it, or was not reached. Then it charged nothing. */
static bool was_never_taken(const json_t *report) { return report && !json_object_get(report, "token"); }

/* "; charged 5 credits": what the end of a task did to the account. */
static const char *count_money(struct session *session, const json_t *report, bool may_have_spent) {
  static char words[96];
  json_t *spent = json_object_get(report, "spent");
  long long amount = json_integer_value(spent);
  words[0] = 0;
  session->spent += amount;
  if (amount > 0) {
    snprintf(words, sizeof words, "; charged %s", credits(amount));
  } else if (may_have_spent) {
    session->maybe_charged++;
    snprintf(words, sizeof words, "; it may have been charged");
  } else if (!is_free(report) && was_never_taken(report)) {
    snprintf(words, sizeof words, "; nothing was charged");
  } else if (!spent && !is_free(report)) {
    session->cost_unknown++;
    snprintf(words, sizeof words, "; what it cost is not known");
  }
  return words;
}

/* Saves picture i of a task. The path is where it lies; the caller frees it. */
static t2i_status save(const struct session *session, const struct job *job, uint32_t i, char **path,
                       t2i_error *error) {
  const struct place *place = &session->places[job->index];
  uint32_t flags = session->options->force ? T2I_SAVE_REPLACE : 0;
  *path = i == 0 ? text("%s", place->path) : numbered(place->path, i + 1);
  t2i_status status = T2I_E_EXISTS;
  for (unsigned number = 2; number < TRIES_MAX; number++) {
    status = t2i_output_save(session->client, job->task, i, *path, T2I_NTS, flags, SAVE_TIMEOUT_MS, error);
    /* Somebody took the name we chose; the next will do. */
    if (status != T2I_E_EXISTS || !place->chosen) break;
    free(*path);
    *path = numbered(place->path, number);
  }
  return status;
}

/* A picture that was made and could not be saved. */
static void say_unsaved(struct session *session, const struct job *job, const char *path, t2i_error *error) {
  if (error->status == T2I_TIMEOUT) {
    error->status = T2I_E_IO;
    snprintf(error->message, sizeof error->message, "%s was not saved in %d s", path, SAVE_TIMEOUT_MS / 1000);
  }
  const char *fix = error->status == T2I_E_EXISTS ? "; --force replaces it" : "";
  say("%sthe picture was made and not saved: %s%s", job_label(session, job->index), error->message, fix);
  /* Whatever the save disliked, such as a limit on the size of files, the request was right. */
  int code = code_of(error->status);
  count_failure(session, code == CODE_REFUSED ? CODE_FILE : code);
}

static void succeed(struct session *session, struct job *job, json_t *report) {
  t2i_task_info info = T2I_TASK_INFO_INIT;
  t2i_error error = T2I_ERROR_INIT;
  count_money(session, report, false);
  t2i_task_get(session->client, job->task, &info, &error);
  for (uint32_t i = 0; i < info.output_count; i++) {
    char *path;
    if (save(session, job, i, &path, &error) != T2I_OK) {
      say_unsaved(session, job, path, &error);
      session->unfinished += json_object_get(report, "token") != NULL;
      event_done(session, job->index, NULL, &error, report);
      free(path);
      return;
    }
    if (i == 0) event_done(session, job->index, path, NULL, report);
    if (!session->options->json) print_result(session, path);
    free(path);
  }
  session->saved++;
}

/* What the journal has not closed: a task that goes on, or whose picture waits at the service; and one of which nobody
 * knows whether it was taken. */
static void count_kept(struct session *session, const json_t *report, bool waits_there) {
  const char *state = json_string_value(json_object_get(report, "state"));
  if (!state) return;
  if (strcmp(state, "AMBIGUOUS") == 0) session->undecided++;
  else if (waits_there || strcmp(state, "DETACHED") == 0) session->unfinished++;
}

void ending_final(struct session *session, struct job *job) {
  t2i_error error = T2I_ERROR_INIT;
  json_t *report = task_report(session, job->task);
  t2i_status status = t2i_task_error(session->client, job->task, &error);
  if (status == T2I_OK) {
    succeed(session, job, report);
  } else {
    bool may_have_spent = error.flags & T2I_ERR_MAY_HAVE_SPENT;
    if (is_free(report)) may_have_spent = false;
    count_kept(session, report, may_have_spent && error.flags & T2I_ERR_RETRYABLE);
    const char *money = count_money(session, report, may_have_spent);
    event_done(session, job->index, NULL, &error, report);
    if (status == T2I_E_CANCELLED && session->stop_code) {
      session->cancelled++;
    } else {
      /* The sentence of a lost answer says it already. */
      bool is_said = may_have_spent && strstr(error.message, "may have been charged");
      say("%s%s%s", job_label(session, job->index), sentence(&error), is_said ? "" : money);
      bool was_charged = json_integer_value(json_object_get(report, "spent")) > 0;
      count_failure(session, may_have_spent || was_charged ? CODE_MONEY : code_of(status));
    }
  }
  json_decref(report);
  t2i_task_close(session->client, job->task);
  job->task = 0;
}

void ending_abandoned(struct session *session, struct job *job) {
  json_t *report = task_report(session, job->task);
  const char *token = json_string_value(json_object_get(report, "token"));
  say("%sit goes on at the service%s%s; it may be charged, so do not submit it again", job_label(session, job->index),
      token ? " as " : "", token ? token : "");
  session->maybe_charged++;
  session->unfinished++;
  json_decref(report);
  t2i_task_close(session->client, job->task);
  job->task = 0;
}

static void say_interrupted(const struct session *session) {
  size_t unsent = session->prompts.count - session->next;
  if (session->leaves) {
    say("interrupted: %zu saved", session->saved);
    return;
  }
  char *maybe = session->maybe_charged ? text("; %zu may have been charged", session->maybe_charged) : text("%s", "");
  char *unknown = session->cost_unknown ? text("; what %zu cost is not known", session->cost_unknown) : text("%s", "");
  char *failed = session->failed ? text(", %zu failed", session->failed) : text("%s", "");
  const char *certain = session->maybe_charged + session->cost_unknown > 0 ? " for certain" : "";
  say("interrupted: %zu saved, %zu cancelled%s, %zu never sent; charged%s: %s%s%s", session->saved, session->cancelled,
      failed, unsent, certain, credits(session->spent), maybe, unknown);
  free(failed);
  free(maybe);
  free(unknown);
}

/* What a journal keeps is said with the way to it. */
static void say_kept(const struct session *session) {
  char *report;
  size_t length;
  if (session->unfinished + session->undecided == 0) return;
  if (t2i_client_stats(session->client, &report, &length, NULL) != T2I_OK) return;
  json_t *stats = json_loadb(report, length, 0, NULL);
  t2i_free(report);
  if (json_object_get(stats, "recoverable")) {
    if (session->unfinished > 0) say_unfinished(session->unfinished);
    if (session->undecided > 0) say("whether %s charged is for you to find out: t2i history, then t2i settle",
                                    session->undecided == 1 ? "it was" : "they were");
  }
  json_decref(stats);
}

static int summary(const struct session *session) {
  if (session->refused_alike > 0) say("%zu more were refused for the same reason", session->refused_alike);
  if (interrupt_code()) {
    say_interrupted(session);
    return interrupt_code();
  }
  if (session->stop_code) return session->stop_code;
  if (session->prompts.count > 1) {
    char *money = session->spent ? text(", charged %s", credits(session->spent)) : text("%s", "");
    say("%zu of %zu saved, %zu failed%s", session->saved, session->prompts.count, session->failed, money);
    free(money);
  } else if (session->spent > 0 && session->saved > 0) {
    say("charged %s", credits(session->spent));
  }
  return session->code;
}

int ending_summary(struct session *session) {
  int code = summary(session);
  say_kept(session);
  return code;
}
