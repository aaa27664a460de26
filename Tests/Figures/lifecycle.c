/* What a hosted task costs in processor time: submits tasks, keeps some in flight, fetches no picture.
 *
 *   lifecycle --base URL [--tasks N] [--inflight N] [--poll-ms MS] [--conc N] [--pumped 1] [--cacert FILE]
 *
 * Prints one line of JSON. Any server that speaks the service's API will do; FakeRunway is too slow to measure with. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "t2i.h"

static t2i_error err = T2I_ERROR_INIT;

static void must(t2i_status status, const char *what) {
  if (status >= T2I_OK) return;
  fprintf(stderr, "%s: %s %s: %s\n", what, t2i_status_name(status), err.where, err.message);
  exit(1);
}

static double cpu_seconds(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static double wall_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static const char *argument(int argc, char **argv, const char *name, const char *usual) {
  for (int i = 1; i + 1 < argc; i += 2)
    if (strcmp(argv[i], name) == 0) return argv[i + 1];
  return usual;
}

int main(int argc, char **argv) {
  static const char request[] = "{\"model\":\"gen4_image\",\"promptText\":\"a lighthouse at dusk\",\"ratio\":\"1280:720\"}";
  long tasks = atol(argument(argc, argv, "--tasks", "1000"));
  long inflight = atol(argument(argc, argv, "--inflight", "50"));
  const char *ca = argument(argc, argv, "--cacert", "");
  t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
  t2i_client client;
  char config[1024];
  snprintf(config, sizeof config,
           "{\"provider\":\"runway\",\"apiKey\":\"key_of_nobody\",\"baseUrl\":\"%s\",\"pollFloorMs\":%s,\"maxConnections\":%s,"
           "\"maxSubmitting\":16,\"fetch\":\"lazy\",\"environment\":false%s%s%s}",
           argument(argc, argv, "--base", "http://127.0.0.1:8799"), argument(argc, argv, "--poll-ms", "20"),
           argument(argc, argv, "--conc", "16"), *ca ? ",\"caFile\":\"" : "", ca, *ca ? "\"" : "");
  if (atoi(argument(argc, argv, "--pumped", "0"))) options.flags = T2I_OPEN_PUMPED;
  must(t2i_client_open(config, T2I_NTS, &options, &client, &err), "open");

  double began = wall_seconds(), cpu = cpu_seconds();
  long submitted = 0, ended = 0, failed = 0;
  while (ended < tasks) {
    while (submitted < tasks && submitted - ended < inflight) {
      t2i_task task;
      must(t2i_submit(client, request, T2I_NTS, NULL, &task, &err), "submit");
      submitted++;
    }
    t2i_event event = T2I_EVENT_INIT;
    must(t2i_next_event(client, &event, T2I_FOREVER, &err), "next_event");
    if (event.kind != T2I_EV_FINAL) continue;
    ended++;
    failed += event.state != T2I_S_SUCCEEDED;
    t2i_task_close(client, event.task);
  }
  printf("{\"tasks\": %ld, \"failed\": %ld, \"wall_s\": %.3f, \"cpu_s\": %.3f, \"cpu_us_per_task\": %.1f}\n", tasks, failed,
         wall_seconds() - began, cpu_seconds() - cpu, (cpu_seconds() - cpu) * 1e6 / (double)tasks);
  must(t2i_client_close(client, T2I_FOREVER, &err), "close");
  return failed != 0;
}
