/* One of several processes that spend from one budget: race CONFIG THREADS SUBMITS.
 *
 * Each thread submits its share and waits for every task. It prints {"accepted", "refused", "other"}: tasks that
 * succeeded, tasks and submits that ended T2I_E_BUDGET, and whatever else happened. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "t2i.h"

static t2i_client client;
static long submits;
static struct { long accepted, refused, other; } counts;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void count(long *what) {
  pthread_mutex_lock(&lock);
  (*what)++;
  pthread_mutex_unlock(&lock);
}

static void *spend(void *unused) {
  (void)unused;
  for (long i = 0; i < submits; i++) {
    t2i_error err = T2I_ERROR_INIT;
    t2i_task task = 0;
    t2i_status status = t2i_submit(client, "{\"promptText\":\"a coin\",\"ratio\":\"64:64\"}", T2I_NTS, NULL, &task, &err);
    if (status == T2I_OK) {
      while (t2i_wait(client, &task, 1, T2I_WAIT_ALL, 60000, NULL, &err) == T2I_WOKEN) {}
      status = t2i_task_error(client, task, &err);
    }
    if (status == T2I_OK) count(&counts.accepted);
    else if (status == T2I_E_BUDGET) count(&counts.refused);
    else {
      if (counts.other < 3) fprintf(stderr, "%s: %s\n", t2i_status_name(status), err.message);
      count(&counts.other);
    }
  }
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  t2i_error err = T2I_ERROR_INIT;
  int threads = atoi(argv[2]);
  submits = atol(argv[3]);
  if (threads < 1 || threads > 256 || t2i_client_open(argv[1], T2I_NTS, NULL, &client, &err) != T2I_OK) {
    fprintf(stderr, "%s\n", err.message);
    return 3;
  }
  pthread_t running[256];
  for (int i = 0; i < threads; i++) pthread_create(&running[i], NULL, spend, NULL);
  for (int i = 0; i < threads; i++) pthread_join(running[i], NULL);
  printf("{\"accepted\":%ld,\"refused\":%ld,\"other\":%ld}\n", counts.accepted, counts.refused, counts.other);
  return t2i_client_close(client, 10000, &err) == T2I_OK ? 0 : 4;
}
