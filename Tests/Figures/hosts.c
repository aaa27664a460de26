/* The README's numbers about what the library costs a host that has other things to do: an idle client, tasks that
 * wait, a look at one, a pump without work, a wake. Linked with the library; malloc is ours, to count.
 *
 *   hosts */
#define _GNU_SOURCE
#include <dirent.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "t2i.h"

#define SLOW "{\"provider\":\"sketch\",\"simulate\":{\"latencyMs\":86400000}}"
#define FOX "{\"promptText\":\"a garden by a lake\",\"ratio\":\"64:64\"}"

extern void *__libc_malloc(size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
static long allocations;

void *malloc(size_t size) {
  __atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED);
  return __libc_malloc(size);
}

int posix_memalign(void **out, size_t alignment, size_t size) {
  __atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED);
  return (*out = __libc_memalign(alignment, size)) == NULL ? 12 /* ENOMEM */ : 0;
}

static t2i_error err = T2I_ERROR_INIT;

static double seconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void must(t2i_status status) {
  if (status >= 0) return;
  fprintf(stderr, "%s: %s %s\n", t2i_status_name(status), err.where, err.message);
  exit(1);
}

static int threads(void) {
  int count = 0;
  DIR *folder = opendir("/proc/self/task");
  if (folder == NULL) exit(1);
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) count += entry->d_name[0] != '.';
  closedir(folder);
  return count - 1;
}

static t2i_client opened(uint32_t flags) {
  t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
  t2i_client client = 0;
  options.flags = flags;
  must(t2i_client_open(SLOW, T2I_NTS, &options, &client, &err));
  return client;
}

static void closed(t2i_client client) { must(t2i_client_close(client, T2I_FOREVER, &err)); }

static t2i_task submitted(t2i_client client) {
  t2i_task task = 0;
  must(t2i_submit(client, FOX, T2I_NTS, NULL, &task, &err));
  return task;
}

static void idle(uint32_t flags, const char *name) {
  t2i_client client = opened(flags);
  submitted(client);
  sleep(1);
  double before = seconds(CLOCK_PROCESS_CPUTIME_ID), begun = seconds(CLOCK_MONOTONIC);
  sleep(5);
  double part = (seconds(CLOCK_PROCESS_CPUTIME_ID) - before) / (seconds(CLOCK_MONOTONIC) - begun);
  printf("idle client, %-8s        %.4f %% of a core, %d threads of ours\n", name, part * 100, threads());
  closed(client);
}

/* Pumped, so that one thread allocates everything, where libc can count it. */
static void waiting(void) {
  enum { TASKS = 10000 };
  t2i_client client = opened(T2I_OPEN_PUMPED);
  submitted(client);
  while (t2i_client_pump(client, 0, 100000, NULL, &err) == T2I_MORE) {}
  struct mallinfo2 before = mallinfo2();
  for (int i = 0; i < TASKS; i++) submitted(client);
  while (t2i_client_pump(client, 0, 100000, NULL, &err) == T2I_MORE) {}
  struct mallinfo2 after = mallinfo2();
  double bytes = (double)(after.uordblks + after.hblkhd - before.uordblks - before.hblkhd);
  printf("10,000 tasks that wait       %.0f bytes each\n", bytes / TASKS);
  closed(client);
}

static void looks(void) {
  enum { LOOKS = 1000000 };
  t2i_client client = opened(0);
  t2i_task task = submitted(client);
  t2i_task_info info = T2I_TASK_INFO_INIT;
  usleep(50000);
  long before = allocations;
  double begun = seconds(CLOCK_MONOTONIC);
  for (int i = 0; i < LOOKS; i++) must(t2i_task_get(client, task, &info, &err));
  double taken = seconds(CLOCK_MONOTONIC) - begun;
  printf("t2i_task_get                 %.0f ns, %ld allocations in a million\n", taken / LOOKS * 1e9,
         allocations - before);
  closed(client);
}

static void pumps(void) {
  enum { PUMPS = 500000 };
  t2i_client client = opened(T2I_OPEN_PUMPED);
  int64_t next_ms = 0;
  submitted(client);
  while (t2i_client_pump(client, 0, 0, &next_ms, &err) == T2I_MORE) {}
  double begun = seconds(CLOCK_MONOTONIC);
  for (int i = 0; i < PUMPS; i++) must(t2i_client_pump(client, 0, 0, &next_ms, &err));
  printf("t2i_client_pump without work %.2f us\n", (seconds(CLOCK_MONOTONIC) - begun) / PUMPS * 1e6);
  closed(client);
}

struct waiter {
  t2i_client client;
  double woken;
  pthread_barrier_t barrier;
};

static void *wait_again(void *argument) {
  struct waiter *waiter = argument;
  t2i_event event = T2I_EVENT_INIT;
  for (;;) {
    pthread_barrier_wait(&waiter->barrier);
    t2i_status status;
    while ((status = t2i_next_event(waiter->client, &event, T2I_FOREVER, NULL)) == T2I_OK) {}
    waiter->woken = seconds(CLOCK_MONOTONIC);
    pthread_barrier_wait(&waiter->barrier);
    if (status != T2I_WOKEN) return NULL;
  }
}

static int by_size(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return (difference > 0) - (difference < 0);
}

static void wakes(uint32_t flags, const char *name) {
  enum { RUNS = 301 };
  double taken[RUNS];
  struct waiter waiter = {opened(flags), 0, {{0}}};
  pthread_t thread;
  pthread_barrier_init(&waiter.barrier, NULL, 2);
  pthread_create(&thread, NULL, wait_again, &waiter);
  for (int run = 0; run < RUNS; run++) {
    pthread_barrier_wait(&waiter.barrier);
    usleep(2000);
    double begun = seconds(CLOCK_MONOTONIC);
    t2i_client_wake(waiter.client);
    pthread_barrier_wait(&waiter.barrier);
    taken[run] = waiter.woken - begun;
  }
  pthread_barrier_wait(&waiter.barrier);
  usleep(2000);
  closed(waiter.client);
  pthread_barrier_wait(&waiter.barrier);
  pthread_join(thread, NULL);
  qsort(taken, RUNS, sizeof *taken, by_size);
  printf("wake to the wait's return    %.3f ms, %s; the slowest of %d %.1f\n", taken[RUNS / 2] * 1e3, name, RUNS,
         taken[RUNS - 1] * 1e3);
}

int main(void) {
  idle(0, "threaded");
  idle(T2I_OPEN_PUMPED, "pumped");
  waiting();
  looks();
  pumps();
  wakes(0, "threaded");
  wakes(T2I_OPEN_PUMPED, "pumped");
  return 0;
}
