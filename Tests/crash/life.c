/* One life of a host: life CONFIG KEY SAVE_TO [recover].
 *
 * It opens a client; in a later life it recovers what the earlier ones left. Then it submits the request with the key
 * (none where that is "-"), waits for all its tasks, saves their pictures to SAVE_TO-<task>.png (unless that is "-": the
 * client has an outputDir), and closes. It prints one line of JSON for each task, and nothing where it could not be
 * submitted but a line with the error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "t2i.h"

#define TASKS_MAX 64
#define REQUEST "{\"promptText\":\"a lighthouse at dusk\",\"model\":\"gen4_image\"}"

static void complain(const char *what, const t2i_error *err) {
  printf("{\"error\":\"%s\",\"status\":%d,\"message\":\"%s\"}\n", what, (int)err->status, err->message);
}

static int is_among(const t2i_task *tasks, size_t count, t2i_task task) {
  for (size_t i = 0; i < count; i++)
    if (tasks[i] == task) return 1;
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  t2i_error err = T2I_ERROR_INIT;
  t2i_client c = 0;
  if (t2i_client_open(argv[1], T2I_NTS, NULL, &c, &err) < 0) return complain("open", &err), 3;
  t2i_task tasks[TASKS_MAX];
  size_t count = 0;
  int recovers = argc > 4 && strcmp(argv[4], "recover") == 0;
  if (recovers && t2i_recover(c, tasks, TASKS_MAX - 1, &count, &err) < 0) complain("recover", &err);
  int submits = !recovers || strcmp(argv[2], "-") != 0;
  if (submits) {
    t2i_submit_opts opts = T2I_SUBMIT_OPTS_INIT;
    if (strcmp(argv[2], "-") != 0) {
      opts.dedupe_key = argv[2];
      opts.dedupe_key_len = T2I_NTS;
    }
    t2i_task task = 0;
    if (t2i_submit(c, REQUEST, T2I_NTS, &opts, &task, &err) < 0) complain("submit", &err);
    else if (!is_among(tasks, count, task)) tasks[count++] = task;
  }
  for (size_t i = 0; i < count; i++) {
    if (t2i_wait(c, &tasks[i], 1, T2I_WAIT_ALL, 20000, NULL, &err) != T2I_OK) complain("wait", &err);
    t2i_task_info info = T2I_TASK_INFO_INIT;
    t2i_task_get(c, tasks[i], &info, &err);
    if (info.state == T2I_S_SUCCEEDED && strcmp(argv[3], "-") != 0) {
      char path[4096], *token = NULL;
      size_t length = 0;
      t2i_task_token(c, tasks[i], &token, &length, &err);
      snprintf(path, sizeof path, "%s-%s.png", argv[3], token ? token : "none");
      t2i_free(token);
      t2i_status saved = t2i_output_save(c, tasks[i], 0, path, T2I_NTS, T2I_SAVE_REPLACE, 20000, &err);
      if (saved != T2I_OK) complain("save", &err);
    }
    char *json = NULL;
    size_t length = 0;
    if (t2i_task_json(c, tasks[i], &json, &length, &err) == T2I_OK) printf("%s\n", json);
    t2i_free(json);
  }
  if (t2i_client_close(c, 5000, &err) != T2I_OK) complain("close", &err);
  return 0;
}
