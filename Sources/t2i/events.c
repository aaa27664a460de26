/* `--json`: one object a line, for programs. t2i(1) documents the keys. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>

#include "say.h"
#include "session.h"

static void print_event(struct session *session, json_t *event) {
  char *line = held(json_dumps(event, JSON_COMPACT));
  print_result(session, line);
  free(line);
  json_decref(event);
}

void event_changed(struct session *session, const struct job *job, const char *kind) {
  if (!session->options->json) return;
  json_t *event = json_pack("{s:s, s:I, s:s}", "event", kind, "prompt", (json_int_t)job->index + 1, "state",
                            state_name(job->state));
  json_object_set_new(event, "progress", json_integer(job->permille));
  print_event(session, event);
}

void event_done(struct session *session, size_t index, const char *path, const t2i_error *error, json_t *task) {
  if (!session->options->json) return;
  json_t *event = json_pack("{s:s, s:I, s:s, s:b}", "event", "done", "prompt", (json_int_t)index + 1, "promptText",
                            session->prompts.items[index].text, "ok", error == NULL);
  if (path) json_object_set_new(event, "file", json_string(path));
  if (error) {
    json_object_set_new(event, "status", json_string(t2i_status_name(error->status)));
    if (error->where[0]) json_object_set_new(event, "where", json_string(error->where));
    json_object_set_new(event, "message", json_string(error->message));
    json_object_set_new(event, "retryable", json_boolean(error->flags & T2I_ERR_RETRYABLE));
    json_object_set_new(event, "maySpend", json_boolean(error->flags & T2I_ERR_MAY_HAVE_SPENT));
  }
  if (task) json_object_set(event, "task", task);
  print_event(session, event);
}
