/* One life of a host that asks for one picture: open, recover, submit, wait, save, close. It may be killed in any of
 * these; the next life is given the same order, and the same key for its request.
 *
 *   life CONFIG REQUEST KEY PICTURE ORDER
 *
 * PICTURE is where the picture is saved, or "-" where the library does so itself (outputDir). ORDER is what is done, a
 * letter each: R recovers everything, S submits, C submits a crowd, each with a key of its own. It prints one line of
 * JSON for each task and "closed" at the end. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "t2i.h"

enum { TASKS = 64, CROWD = 6 };
static const int64_t patience_ms = 20000;

static t2i_error err = T2I_ERROR_INIT;
static t2i_client client;
static t2i_task tasks[TASKS];
static size_t count;

static void must(t2i_status status, const char *what) {
  if (status == T2I_OK) return;
  printf("{\"call\":\"%s\",\"status\":\"%s\",\"where\":\"%s\",\"message\":\"%s\"}\n", what, t2i_status_name(status),
         err.where, err.message);
  fflush(stdout);
  exit(3);
}

static void hold(t2i_task task) {
  for (size_t i = 0; i < count; i++)
    if (tasks[i] == task) return;
  if (count == TASKS) exit(4);
  tasks[count++] = task;
}

static void recover(void) {
  t2i_task found[TASKS];
  size_t number = 0;
  must(t2i_recover(client, found, TASKS, &number, &err), "t2i_recover");
  for (size_t i = 0; i < number; i++) hold(found[i]);
}

static void submit(const char *request, const char *key) {
  t2i_submit_opts opts = T2I_SUBMIT_OPTS_INIT;
  t2i_task task = 0;
  opts.dedupe_key = key;
  opts.dedupe_key_len = T2I_NTS;
  must(t2i_submit(client, request, T2I_NTS, &opts, &task, &err), "t2i_submit");
  hold(task);
}

static void submit_crowd(const char *request, const char *key) {
  char own[64];
  for (int i = 0; i < CROWD; i++) {
    snprintf(own, sizeof own, "%.48s %d", key, i);
    submit(request, own);
  }
}

static void tell(t2i_task task) {
  char *json = NULL;
  size_t length = 0;
  must(t2i_task_json(client, task, &json, &length, &err), "t2i_task_json");
  printf("%s\n", json);
  t2i_free(json);
}

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  const char *config = argv[1], *request = argv[2], *key = argv[3], *picture = argv[4];
  must(t2i_client_open(config, T2I_NTS, NULL, &client, &err), "t2i_client_open");
  for (const char *step = argv[5]; *step; step++) {
    if (*step == 'R') recover();
    if (*step == 'S') submit(request, key);
    if (*step == 'C') submit_crowd(request, key);
  }
  if (count > 0) must(t2i_wait(client, tasks, count, T2I_WAIT_ALL, patience_ms, NULL, &err), "t2i_wait");
  for (size_t i = 0; i < count; i++) {
    t2i_task_info info = T2I_TASK_INFO_INIT;
    must(t2i_task_get(client, tasks[i], &info, &err), "t2i_task_get");
    /* A life before may have saved it, and died before that was written down. */
    if (info.state == T2I_S_SUCCEEDED && strcmp(picture, "-") != 0)
      must(t2i_output_save(client, tasks[i], 0, picture, T2I_NTS, T2I_SAVE_REPLACE, patience_ms, &err),
           "t2i_output_save");
    tell(tasks[i]);
  }
  must(t2i_client_close(client, patience_ms, &err), "t2i_client_close");
  printf("closed\n");
  return 0;
}
