/* Nothing here is paid for a second time: what comes back is watched, fetched and saved by the same loop and with the
 * same display as what was just submitted. */
#define _POSIX_C_SOURCE 200809L
#include "recover.h"

#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "history.h"
#include "interrupt.h"
#include "say.h"
#include "session.h"

enum { CLOSE_MS = 5000, TAKEN_AT_ONCE = 64 };

static json_t *report_of(t2i_client client, t2i_task task) {
  char *report;
  size_t length;
  if (t2i_task_json(client, task, &report, &length, NULL) != T2I_OK) return held(json_object());
  json_t *read = held(json_loadb(report, length, 0, NULL));
  t2i_free(report);
  return read;
}

/* Gives a task that came back a place among the prompts and among those on their way. */
static void take(struct session *session, struct job *job, t2i_task task) {
  json_t *report = report_of(session->client, task);
  const char *prompt = json_string_value(json_object_get(json_object_get(report, "request"), "promptText"));
  size_t index = session->next++;
  if (index >= session->prompts.count) session->prompts.count = index + 1;
  size_t count = session->prompts.count;
  session->prompts.items = held(realloc(session->prompts.items, count * sizeof *session->prompts.items));
  session->places = held(realloc(session->places, count * sizeof *session->places));
  session->prompts.items[index] = (struct prompt){text("%s", prompt ? prompt : ""), 0};
  session->places[index] = place_for(session->options, &session->prompts, index);
  *job = (struct job){.index = index, .task = task, .state = T2I_S_QUEUED, .told_permille = -1};
  event_changed(session, job, "recovered");
  json_decref(report);
}

/* As many of the oldest as there is room for; the next call gets the rest. */
static void take_more(struct session *session) {
  while (!session->stop_code && !interrupt_code()) {
    t2i_error error = T2I_ERROR_INIT;
    t2i_task tasks[IN_FLIGHT_MAX];
    struct job *room[IN_FLIGHT_MAX];
    size_t free_jobs = 0, found = 0;
    for (int i = 0; i < IN_FLIGHT_MAX; i++)
      if (!session->jobs[i].task) room[free_jobs++] = &session->jobs[i];
    if (free_jobs == 0 || session->is_complete) return;
    t2i_status status = t2i_recover(session->client, tasks, free_jobs, &found, &error);
    if (status < 0) {
      say("%s", sentence(&error));
      session->stop_code = code_of(status);
      return;
    }
    for (size_t i = 0; i < found; i++) take(session, room[i], tasks[i]);
    session->is_complete = status == T2I_OK;
  }
}

static void nothing_more(struct session *session) { (void)session; }

/* The last words beside those of every session, and the code to end with. */
static int ended(struct session *session) {
  int code = ending_summary(session);
  t2i_client_close(session->client, CLOSE_MS, NULL);
  for (size_t i = 0; i < session->next; i++) {
    free((char *)session->prompts.items[i].text);
    free(session->places[i].path);
  }
  free(session->prompts.items);
  free(session->places);
  free(session->last_refusal);
  return code;
}

int recover(const struct options *options) {
  struct session session = {.options = options, .leaves = true};
  t2i_error error = T2I_ERROR_INIT;
  folder_require(options);
  session.client = client_open_journal(options, 0);
  if (t2i_recover(session.client, NULL, 0, &session.prompts.count, &error) != T2I_OK) {
    say("%s", sentence(&error));
    t2i_client_close(session.client, CLOSE_MS, NULL);
    return code_of(error.status);
  }
  if (session.prompts.count == 0) say("nothing is unfinished");
  interrupt_watch(session.client);
  follow(&session, take_more);
  return ended(&session);
}

int resume(const struct options *options) {
  struct session session = {.options = options, .leaves = true};
  t2i_error error = T2I_ERROR_INIT;
  t2i_task task;
  folder_require(options);
  session.client = client_open_journal(options, 0);
  if (t2i_resume(session.client, options->prompt, T2I_NTS, NULL, &task, &error) != T2I_OK) {
    say("%s", sentence(&error));
    t2i_client_close(session.client, CLOSE_MS, NULL);
    int code = code_of(error.status);
    return code == CODE_REFUSED ? CODE_USAGE : code;
  }
  take(&session, &session.jobs[0], task);
  places_require_free(options, session.places, 1);
  interrupt_watch(session.client);
  follow(&session, nothing_more);
  return ended(&session);
}

/* The handle of the task with this intent, of those that nobody watches; 0 when it is not among them. */
static t2i_task found(t2i_client client, const char *intent, t2i_error *error) {
  t2i_task tasks[TAKEN_AT_ONCE], wanted = 0;
  t2i_status status = T2I_MORE;
  while (status == T2I_MORE && !wanted) {
    size_t count = 0;
    status = t2i_recover(client, tasks, TAKEN_AT_ONCE, &count, error);
    for (size_t i = 0; status >= 0 && i < count; i++) {
      json_t *report = report_of(client, tasks[i]);
      const char *name = json_string_value(json_object_get(report, "intent"));
      if (name && strcmp(name, intent) == 0) wanted = tasks[i];
      json_decref(report);
    }
  }
  return wanted;
}

/* The client is pumped, and never is: the other tasks that it has to take on the way go nowhere. */
int settle(const struct options *options) {
  t2i_error error = T2I_ERROR_INIT;
  char *intent = intent_to_settle(options);
  t2i_client client = client_open_journal(options, T2I_OPEN_PUMPED);
  t2i_task task = found(client, intent, &error);
  int code = CODE_DONE;
  if (error.status < 0) {
    say("%s", sentence(&error));
    code = code_of(error.status);
  } else if (!task) {
    say("task %s is not there to settle: a process still watches it, or it is of another key", options->prompt);
    code = CODE_TASK;
  } else if (t2i_settle(client, task, options->accepted, options->accepted ? T2I_NTS : 0, &error) != T2I_OK) {
    say("%s", sentence(&error));
    code = code_of(error.status) == CODE_REFUSED ? CODE_USAGE : code_of(error.status);
  } else if (options->accepted) {
    say("task %s was accepted: t2i recover fetches its pictures", options->prompt);
  } else {
    say("task %s was not accepted: nothing is held for it any more", options->prompt);
  }
  t2i_client_close(client, CLOSE_MS, NULL);
  free(intent);
  return code;
}
