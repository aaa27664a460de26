/* Follows several tasks in a host's own loop: no thread of the library turns the client, no callback is needed.
 *
 *   follow [PROMPT]... */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "t2i.h"

static t2i_error err = T2I_ERROR_INIT;

static int complain(const char *what) {
  fprintf(stderr, "%s: %s: %s %s\n", what, t2i_status_name(err.status), err.where, err.message);
  return 1;
}

/* Says what is new; 1 for the last event of a task. */
static int tell(t2i_client client, const t2i_event *event) {
  char path[64];
  switch (event->kind) {
  case T2I_EV_PROGRESS:
    printf("picture %" PRIu64 ": %d%%\n", event->user, (int)event->progress_permille / 10);
    return 0;
  case T2I_EV_OUTPUT:
    snprintf(path, sizeof path, "follow-%" PRIu64 ".png", event->user);
    if (t2i_output_save(client, event->task, 0, path, T2I_NTS, T2I_SAVE_REPLACE, 0, &err) != T2I_OK) complain(path);
    return 0;
  case T2I_EV_FINAL:
    printf("picture %" PRIu64 ": %s\n", event->user, t2i_status_name(event->status));
    return 1;
  default:
    return 0;
  }
}

int main(int argc, char **argv) {
  static char *usual[] = {"follow", "mountains around a lake at sunset", "a city at night in the rain"};
  t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
  t2i_client client;
  intptr_t descriptor;
  if (argc < 2) argv = usual, argc = 3;

  options.flags = T2I_OPEN_PUMPED;
  if (t2i_client_open("{\"provider\":\"sketch\"}", T2I_NTS, &options, &client, &err) != T2I_OK) return complain("open");
  if (t2i_client_fd(client, &descriptor, &err) != T2I_OK) return complain("descriptor");
  for (int i = 1; i < argc; i++) {
    t2i_submit_opts submit = T2I_SUBMIT_OPTS_INIT;
    t2i_task task;
    char request[4096];
    submit.user = (uint64_t)i;
    snprintf(request, sizeof request, "{\"promptText\":\"%s\",\"ratio\":\"640:360\"}", argv[i]);
    if (t2i_submit(client, request, T2I_NTS, &submit, &task, &err) != T2I_OK) return complain(argv[i]);
  }

  for (int left = argc - 1; left > 0;) {
    struct pollfd wait = {(int)descriptor, POLLIN, 0};
    t2i_event event = T2I_EVENT_INIT;
    int64_t next_ms;
    /* A game would do this once a frame instead of polling. */
    if (t2i_client_pump(client, 0, 2000, &next_ms, &err) < 0) return complain("pump");
    while (t2i_next_event(client, &event, 0, &err) == T2I_OK) left -= tell(client, &event);
    if (left > 0) poll(&wait, 1, next_ms < 0 ? -1 : (int)next_ms);
  }
  return t2i_client_close(client, T2I_FOREVER, &err) == T2I_OK ? 0 : complain("close");
}
