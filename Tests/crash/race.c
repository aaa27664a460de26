/* One process of a race for the last of a budget: threads that submit as fast as they can, each task of the same price,
 * until all are asked for. It opens its client, says "ready", and starts when its standard input ends.
 *
 *   race CONFIG THREADS SUBMITS-OF-EACH
 *
 * Ends with one line: how many succeeded, how many the budget refused at once and how many in the journal, and all
 * others. An other is a failure of the test; the first is told. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t2i.h"

enum { THREADS_MAX = 256 };
static const int64_t patience_ms = 120000;

static t2i_client client;
static int submits;
static atomic_long succeeded, refused_at_once, refused_in_journal, other;

static void unexpected(const char *what, const t2i_error *err) {
  if (atomic_fetch_add(&other, 1) == 0)
    fprintf(stderr, "%s: %s %s: %s\n", what, t2i_status_name(err->status), err->where, err->message);
}

static void ask_once(unsigned seed) {
  t2i_error err = T2I_ERROR_INIT;
  t2i_task task = 0;
  char request[128];
  snprintf(request, sizeof request, "{\"promptText\":\"a garden\",\"ratio\":\"64:64\",\"seed\":%u}", seed);
  t2i_status status = t2i_submit(client, request, T2I_NTS, NULL, &task, &err);
  if (status == T2I_E_BUDGET) {
    atomic_fetch_add(&refused_at_once, 1);
    return;
  }
  if (status != T2I_OK) {
    unexpected("t2i_submit", &err);
    return;
  }
  if (t2i_wait(client, &task, 1, T2I_WAIT_ALL, patience_ms, NULL, &err) != T2I_OK) unexpected("t2i_wait", &err);
  status = t2i_task_error(client, task, &err);
  if (status == T2I_OK)
    atomic_fetch_add(&succeeded, 1);
  else if (status == T2I_E_BUDGET)
    atomic_fetch_add(&refused_in_journal, 1);
  else
    unexpected("the task", &err);
  t2i_task_close(client, task);
}

static void *ask(void *number) {
  unsigned first = (unsigned)(size_t)number * 100000u;
  for (int i = 0; i < submits; i++) ask_once(first + (unsigned)i);
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int threads = atoi(argv[2]);
  submits = atoi(argv[3]);
  if (threads < 1 || threads > THREADS_MAX || submits < 1) return 2;
  t2i_error err = T2I_ERROR_INIT;
  if (t2i_client_open(argv[1], T2I_NTS, NULL, &client, &err) != T2I_OK) {
    fprintf(stderr, "t2i_client_open: %s %s: %s\n", t2i_status_name(err.status), err.where, err.message);
    return 3;
  }
  printf("ready\n");
  fflush(stdout);
  char byte;
  while (read(0, &byte, 1) > 0) {
  }
  pthread_t running[THREADS_MAX];
  for (int i = 0; i < threads; i++)
    if (pthread_create(&running[i], NULL, ask, (void *)(size_t)i) != 0) return 4;
  for (int i = 0; i < threads; i++) pthread_join(running[i], NULL);
  if (t2i_client_close(client, patience_ms, &err) != T2I_OK) unexpected("t2i_client_close", &err);
  printf("{\"succeeded\":%ld,\"refusedAtOnce\":%ld,\"refusedInJournal\":%ld,\"other\":%ld}\n", atomic_load(&succeeded),
         atomic_load(&refused_at_once), atomic_load(&refused_in_journal), atomic_load(&other));
  return 0;
}
