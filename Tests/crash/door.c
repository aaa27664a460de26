/* A host that opens whatever journal it is told to: each line of standard input is a config. For each it says in a line
 * of JSON how far it came: what opening, recovering and a submit with a known key answered, and how many came back.
 *
 *   door REQUEST KEY */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "t2i.h"

enum { LINE_MAX_BYTES = 1 << 16, TASKS = 64 };
static const int64_t patience_ms = 2000;

static t2i_error err = T2I_ERROR_INIT;

/* Sentences hold quotes and paths: only what may stand in a JSON string goes out as it is. */
static void say_text(const char *name, const char *text) {
  printf("\"%s\":\"", name);
  for (const unsigned char *at = (const unsigned char *)text; *at; at++)
    if (*at < 0x20 || *at == '"' || *at == '\\')
      printf("\\u%04x", *at);
    else
      putchar(*at);
  printf("\"");
}

static int refused(t2i_status status, const char *step) {
  if (status >= 0) return 0;
  printf("\"step\":\"%s\",", step);
  say_text("status", t2i_status_name(status));
  printf(",");
  say_text("where", err.where);
  printf(",");
  say_text("message", err.message);
  return 1;
}

static void visit(t2i_client client, const char *request, const char *key) {
  t2i_task found[TASKS], task = 0;
  t2i_submit_opts opts = T2I_SUBMIT_OPTS_INIT;
  t2i_task_info info = T2I_TASK_INFO_INIT;
  size_t count = 0;
  if (refused(t2i_recover(client, found, TASKS, &count, &err), "recover")) return;
  opts.dedupe_key = key;
  opts.dedupe_key_len = T2I_NTS;
  if (refused(t2i_submit(client, request, T2I_NTS, &opts, &task, &err), "submit")) return;
  t2i_wait(client, &task, 1, T2I_WAIT_ALL, patience_ms, NULL, &err);
  if (refused(t2i_task_get(client, task, &info, &err), "task_get")) return;
  if (info.state != T2I_S_SUCCEEDED && refused(t2i_task_error(client, task, &err), "task")) return;
  printf("\"step\":\"all\",\"recovered\":%zu,\"state\":%d", count, (int)info.state);
}

int main(int argc, char **argv) {
  static char line[LINE_MAX_BYTES];
  if (argc != 3) return 2;
  while (fgets(line, sizeof line, stdin)) {
    t2i_client client = 0;
    line[strcspn(line, "\n")] = 0;
    printf("{");
    if (!refused(t2i_client_open(line, T2I_NTS, NULL, &client, &err), "open")) {
      visit(client, argv[1], argv[2]);
      t2i_client_close(client, patience_ms, &err);
    }
    printf("}\n");
    fflush(stdout);
  }
  return 0;
}
