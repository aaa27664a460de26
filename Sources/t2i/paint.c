/* The loop: a few prompts are on their way at once, news come from the library's queue, and an interruption cancels
 * what is on its way and waits a moment for how it ends, because that says what is charged. */
#define _POSIX_C_SOURCE 200809L
#include "paint.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "client.h"
#include "interrupt.h"
#include "request.h"
#include "say.h"
#include "screen.h"
#include "session.h"

enum { FRAME_MS = 100, CANCEL_WAIT_S = 10, CLOSE_MS = 5000 };

static struct job *free_job(struct session *session) {
  for (int i = 0; i < IN_FLIGHT_MAX; i++)
    if (!session->jobs[i].task) return &session->jobs[i];
  return NULL;
}

static struct job *job_of(struct session *session, t2i_task task) {
  for (int i = 0; i < IN_FLIGHT_MAX; i++)
    if (session->jobs[i].task == task) return &session->jobs[i];
  return NULL;
}

static size_t live(const struct session *session) {
  size_t count = 0;
  for (int i = 0; i < IN_FLIGHT_MAX; i++) count += session->jobs[i].task != 0;
  return count;
}

static void submit(struct session *session, struct job *job, size_t index) {
  t2i_error error = T2I_ERROR_INIT;
  t2i_submit_opts opts = T2I_SUBMIT_OPTS_INIT;
  t2i_task task;
  opts.dedupe_key = session->options->dedupe_key;
  opts.dedupe_key_len = opts.dedupe_key ? T2I_NTS : 0;
  char *request = request_for(session->common, session->prompts.items[index].text);
  bool accepted = check_before_paying(session->client, request, job_label(session, index), &error);
  if (accepted && t2i_submit(session->client, request, T2I_NTS, &opts, &task, &error) == T2I_OK) {
    *job = (struct job){.index = index, .task = task, .state = T2I_S_QUEUED, .told_permille = -1};
    event_changed(session, job, "submitted");
  } else {
    ending_refused(session, index, &error);
  }
  free(request);
}

static void submit_more(struct session *session) {
  struct job *job;
  while (!session->stop_code && !interrupt_code() && session->next < session->prompts.count) {
    if (!(job = free_job(session))) return;
    submit(session, job, session->next++);
  }
}

static void hear(struct session *session, const t2i_event *event) {
  struct job *job = job_of(session, event->task);
  if (!job) return; /* news of a task that was left alone */
  if (event->kind == T2I_EV_FINAL) {
    ending_final(session, job);
    progress_ended(session);
    return;
  }
  bool new_state = job->state != event->state;
  if (new_state) job->told_permille = -1;
  job->state = event->state;
  if (event->progress_permille >= 0) job->permille = event->progress_permille;
  if (event->kind == T2I_EV_STATE || event->kind == T2I_EV_PROGRESS) {
    event_changed(session, job, new_state ? "state" : "progress");
    progress_changed(session, job);
  }
}

static void cancel_all(struct session *session) {
  for (int i = 0; i < IN_FLIGHT_MAX; i++)
    if (session->jobs[i].task) t2i_task_cancel(session->client, session->jobs[i].task, T2I_CANCEL_REMOTE, NULL);
  if (interrupt_code() && live(session) > 0) say("cancelling; Ctrl-C again ends at once");
}

/* One wait. False when the library itself failed. */
static bool turn(struct session *session) {
  t2i_event event = T2I_EVENT_INIT;
  t2i_error error = T2I_ERROR_INIT;
  bool redraws = screen_can_redraw() || session->stop_code;
  t2i_status status = t2i_next_event(session->client, &event, redraws ? FRAME_MS : T2I_FOREVER, &error);
  while (status == T2I_OK) {
    hear(session, &event);
    /* A queue that never empties must not keep Ctrl-C waiting. */
    if (interrupt_code() && !session->stop_code) break;
    status = t2i_next_event(session->client, &event, 0, &error);
  }
  if (status < 0) {
    say("%s", sentence(&error));
    session->code = CODE_LIBRARY;
  }
  return status >= 0;
}

void follow(struct session *session, void (*more)(struct session *session)) {
  time_t patience = 0;
  more(session);
  while (live(session) > 0) {
    progress_refresh(session);
    if (!turn(session)) break;
    if (interrupt_code() && !session->stop_code) session->stop_code = interrupt_code();
    if (session->stop_code && patience == 0) {
      if (session->leaves) break;
      patience = time(NULL) + CANCEL_WAIT_S;
      cancel_all(session);
    }
    if (patience && time(NULL) > patience) break;
    more(session);
  }
  for (int i = 0; i < IN_FLIGHT_MAX; i++)
    if (session->jobs[i].task) ending_abandoned(session, &session->jobs[i]);
  screen_erase();
}

static void release(struct session *session) {
  t2i_client_close(session->client, CLOSE_MS, NULL);
  for (size_t i = 0; i < session->prompts.count; i++) free(session->places[i].path);
  free(session->places);
  free(session->last_refusal);
  json_decref(session->common);
}

int paint(const struct options *options) {
  struct session session = {.options = options, .common = request_common(options)};
  session.prompts = prompts_read(options);
  session.client = client_open(options);
  folder_require(options);
  session.places = held(calloc(session.prompts.count, sizeof *session.places));
  for (size_t i = 0; i < session.prompts.count; i++) session.places[i] = place_for(options, &session.prompts, i);
  places_require_free(options, session.places, session.prompts.count);
  interrupt_watch(session.client);
  follow(&session, submit_more);
  int code = ending_summary(&session);
  release(&session);
  return code;
}
