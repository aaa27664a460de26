/* What writing down before acting costs: tasks a second and processor time a task, without a journal and with one, and
 * how often the disk is waited for when a thousand tasks are accepted in one turn.
 *
 *   safety FOLDER      run with Tests/crash/killer.c preloaded and T2I_CRASH_TALLY=1, which counts the syncs
 *
 * The folder should lie on a disk: in memory a sync costs nothing. Exits with 1 if a turn syncs too often. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "t2i.h"

enum { TASKS = 1000, RUNS = 3, SYNCS_MAX = 10 };

static t2i_error err = T2I_ERROR_INIT;
static t2i_task tasks[TASKS];
static long (*counted)(const char *);

static double milliseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void must(t2i_status status) {
  if (status >= 0 && status != T2I_TIMEOUT) return;
  fprintf(stderr, "%d: %s %s\n", (int)status, err.where, err.message);
  exit(1);
}

static long syncs(void) { return counted("fsync") + counted("fdatasync"); }

/* Tasks that cost money and no work: what remains is the way through the library. */
static t2i_client opened(const char *journal, uint32_t flags) {
  char config[4400];
  t2i_client_opts opts = T2I_CLIENT_OPTS_INIT;
  t2i_client client = 0;
  snprintf(config, sizeof config,
           "{\"provider\":\"sketch\",\"journal\":%s,\"paintThreads\":1,"
           "\"simulate\":{\"millicredits\":1,\"paint\":false}}",
           journal);
  opts.flags = flags;
  must(t2i_client_open(config, T2I_NTS, &opts, &client, &err));
  return client;
}

static void submit_all(t2i_client client) {
  static const char *request = "{\"promptText\":\"a garden\",\"ratio\":\"64:64\"}";
  for (int i = 0; i < TASKS; i++) must(t2i_submit(client, request, T2I_NTS, NULL, &tasks[i], &err));
}

static void close_all(t2i_client client) {
  for (int i = 0; i < TASKS; i++) must(t2i_task_close(client, tasks[i]));
}

/* The best of a few: the first makes the file, and a shared machine has its moods. */
static void throughput(const char *name, const char *journal) {
  double best_wall = 1e12, best_cpu = 1e12, best_call = 1e12;
  long synced = 0;
  t2i_client client = opened(journal, 0);
  for (int run = 0; run < RUNS; run++) {
    double wall = milliseconds(CLOCK_MONOTONIC), cpu = milliseconds(CLOCK_PROCESS_CPUTIME_ID);
    long before = syncs();
    submit_all(client);
    double call = milliseconds(CLOCK_MONOTONIC) - wall;
    must(t2i_wait(client, tasks, TASKS, T2I_WAIT_ALL, T2I_FOREVER, NULL, &err));
    wall = milliseconds(CLOCK_MONOTONIC) - wall;
    cpu = milliseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    if (wall < best_wall) best_wall = wall, synced = syncs() - before;
    if (cpu < best_cpu) best_cpu = cpu;
    if (call < best_call) best_call = call;
    close_all(client);
  }
  must(t2i_client_close(client, T2I_FOREVER, &err));
  printf("%-15s  %7.0f tasks a second, %4.0f us of processor each; t2i_submit returns after %3.0f us; %ld syncs\n",
         name, TASKS / best_wall * 1e3, best_cpu / TASKS * 1e3, best_call / TASKS * 1e3, synced);
}

/* One turn of a pumped client takes all that was submitted since the last. */
static int one_turn(const char *journal) {
  int64_t next = 0;
  t2i_client client = opened(journal, T2I_OPEN_PUMPED);
  submit_all(client);
  long before = syncs();
  must(t2i_client_pump(client, 0, 0, &next, &err));
  long during = syncs() - before;
  must(t2i_wait(client, tasks, TASKS, T2I_WAIT_ALL, T2I_FOREVER, NULL, &err));
  long all = syncs() - before;
  close_all(client);
  must(t2i_client_close(client, T2I_FOREVER, &err));
  printf("group commit     %d tasks accepted in one turn: %ld syncs (at most %d); until all had ended: %ld\n", TASKS,
         during, SYNCS_MAX, all);
  return during > 0 && during <= SYNCS_MAX;
}

int main(int argc, char **argv) {
  char journal[4200];
  *(void **)&counted = dlsym(RTLD_DEFAULT, "killer_counted");
  if (argc != 2 || counted == NULL) {
    fprintf(stderr, "safety FOLDER, with the counter preloaded\n");
    return 2;
  }
  snprintf(journal, sizeof journal, "\"%s/journal.sqlite\"", argv[1]);
  throughput("without journal", "null");
  throughput("with journal", journal);
  return one_turn(journal) ? 0 : 1;
}
