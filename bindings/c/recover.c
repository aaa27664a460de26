/* Finishes what an earlier run of a program left: pictures that were paid for and never saved.
 *
 *   recover [CONFIG [PROMPT]]    such as '{"provider":"runway","journal":"tasks.sqlite"}', with a key in
 *                                RUNWAYML_API_SECRET
 *
 * With a prompt it asks for a picture under a dedupe_key first, and then does as a crash would: it forgets the task. */
#include <stdio.h>
#include <stdlib.h>

#include "t2i.h"

enum { AT_ONCE = 16 };
static t2i_error err = T2I_ERROR_INIT;

static void must(t2i_status status) {
  if (status >= 0) return;
  fprintf(stderr, "%s: %s %s\n", t2i_status_name(status), err.where, err.message);
  exit(1);
}

static void submit_and_forget(t2i_client client, const char *prompt) {
  char request[4096];
  t2i_submit_opts opts = T2I_SUBMIT_OPTS_INIT;
  t2i_task task;
  t2i_event event = T2I_EVENT_INIT;
  /* However often the program is started: the same key is the same task. */
  opts.dedupe_key = "recover.c";
  opts.dedupe_key_len = T2I_NTS;
  snprintf(request, sizeof request, "{\"promptText\":\"%s\",\"ratio\":\"1280:720\"}", prompt);
  must(t2i_submit(client, request, T2I_NTS, &opts, &task, &err));
  while (event.state < T2I_S_PENDING && t2i_next_event(client, &event, 10000, &err) == T2I_OK) {}
  must(t2i_task_close(client, task));
}

/* 1 if its picture is a file now. */
static int finish(t2i_client client, t2i_task task, int number) {
  char path[64];
  snprintf(path, sizeof path, "recovered-%d.png", number);
  must(t2i_wait(client, &task, 1, T2I_WAIT_ALL, T2I_FOREVER, NULL, &err));
  t2i_status ended = t2i_task_error(client, task, &err);
  if (ended == T2I_OK) {
    must(t2i_output_save(client, task, 0, path, T2I_NTS, T2I_SAVE_REPLACE, T2I_FOREVER, &err));
    puts(path);
  } else {
    /* AMBIGUOUS is for a person: the service's pages tell whether it was charged, and t2i_settle writes that down. */
    fprintf(stderr, "%s: %s\n", t2i_status_name(ended), err.message);
  }
  t2i_task_close(client, task);
  return ended == T2I_OK;
}

int main(int argc, char **argv) {
  const char *config = argc > 1 ? argv[1] : "{\"provider\":\"sketch\",\"journal\":\"tasks.sqlite\"}";
  t2i_client client;
  t2i_task tasks[AT_ONCE];
  t2i_status status = T2I_MORE;
  int saved = 0;
  must(t2i_client_open(config, T2I_NTS, NULL, &client, &err));
  if (argc > 2) {
    submit_and_forget(client, argv[2]);
    must(t2i_client_close(client, T2I_FOREVER, &err));
    must(t2i_client_open(config, T2I_NTS, NULL, &client, &err));
  }
  while (status == T2I_MORE) {
    size_t count;
    status = t2i_recover(client, tasks, AT_ONCE, &count, &err);
    must(status);
    for (size_t i = 0; i < count; i++) saved += finish(client, tasks[i], saved + 1);
  }
  printf("%d recovered\n", saved);
  must(t2i_client_close(client, T2I_FOREVER, &err));
  return 0;
}
