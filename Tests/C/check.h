/* What the programs in this folder share. Each tests the library as a host sees it: through t2i.h and nothing else,
 * as C11 and as C++17. A program counts what held, says what did not, and ends with "N passed, N failed". */
#ifndef CHECK_H
#define CHECK_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <locale.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "t2i.h"

/* ThreadSanitizer has one, from the first that a program starts. */
#ifndef SANITIZER_THREADS
#define SANITIZER_THREADS 0
#endif

static int check_passed, check_failed;
static __thread t2i_error err = T2I_ERROR_INIT;

#define CHECK(truth) check_that((truth) ? 1 : 0, __LINE__, #truth)
/* A call that returns exactly this status, and says the same in `err` where it was handed over. */
#define CHECK_STATUS(wanted, call) check_status((wanted), (call), __LINE__, #call)
#define CHECK_OK(call) CHECK_STATUS(T2I_OK, call)
/* A call that refuses, names the place and says a sentence; `call` hands over E, and is made with and without one. */
#define CHECK_REFUSED(wanted, place, call)                                     \
  do {                                                                         \
    t2i_error *E = NULL;                                                       \
    t2i_status without = (call);                                               \
    E = &err;                                                                  \
    check_refused((wanted), (place), without, (call), __LINE__, #call);        \
  } while (0)

/* T2I_SLOW=20 stretches every limit for a run under valgrind. */
static inline int64_t slowly(int64_t limit) {
  const char *factor = getenv("T2I_SLOW");
  return factor ? limit * atoi(factor) : limit;
}

static inline int check_that(int truth, int line, const char *text) {
  __atomic_add_fetch(truth ? &check_passed : &check_failed, 1, __ATOMIC_RELAXED);
  if (!truth) printf("line %d: not true: %s\n", line, text);
  return truth;
}

static inline int check_status(t2i_status wanted, t2i_status got, int line, const char *text) {
  if (check_that(got == wanted, line, text)) return 1;
  printf("  %s instead of %s; last error: %s, where \"%s\": %s\n", t2i_status_name(got), t2i_status_name(wanted),
         t2i_status_name(err.status), err.where, err.message);
  return 0;
}

static inline void check_refused(t2i_status wanted, const char *place, t2i_status without, t2i_status got, int line,
                                 const char *text) {
  int fits = got == wanted && without == wanted && err.status == wanted && strcmp(err.where, place) == 0;
  size_t length = strnlen(err.message, sizeof err.message);
  check_that(fits && length > 10 && length < sizeof err.message, line, text);
  if (!fits)
    printf("  %s (without err %s) instead of %s, where \"%s\" instead of \"%s\": %s\n", t2i_status_name(got),
           t2i_status_name(without), t2i_status_name(wanted), err.where, place, err.message);
  /* T2I_ALOUD=1 reads every sentence aloud. */
  if (getenv("T2I_ALOUD")) printf("%s %s: %s\n", t2i_status_name(err.status), err.where, err.message);
}

static inline void skipped(const char *what) { printf("skipped: %s\n", what); }

static inline void *do_nothing(void *argument) { return argument; }

/* A hang is a failure: no program may take a minute. */
static inline void begin(void) {
  pthread_t first;
  setvbuf(stdout, NULL, _IOLBF, 0);
  alarm((unsigned)slowly(60));
  if (SANITIZER_THREADS && pthread_create(&first, NULL, do_nothing, NULL) == 0) pthread_join(first, NULL);
}

static inline int finish(void) {
  printf("%d passed, %d failed\n", check_passed, check_failed);
  return check_failed ? 1 : 0;
}

/* For what a test cannot go on without. */
static inline void must(t2i_status status, const char *what) {
  if (status == T2I_OK) return;
  printf("%s: %s %s %s\n", what, t2i_status_name(status), err.where, err.message);
  check_failed++;
  exit(finish());
}

/* ---- a client and its tasks ---- */

#define SKETCH "{\"provider\":\"sketch\"}"
#define FOX "{\"promptText\":\"a fox\",\"ratio\":\"64:64\"}"
/* A task that would take ten minutes. */
#define SLOW_SKETCH "{\"provider\":\"sketch\",\"simulate\":{\"latencyMs\":600000}}"

static inline t2i_client open_with(const char *config, const t2i_client_opts *options) {
  t2i_client client = 0;
  must(t2i_client_open(config, T2I_NTS, options, &client, &err), "open");
  return client;
}

static inline t2i_client open_client(const char *config, uint32_t flags) {
  t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
  options.flags = flags;
  return open_with(config, &options);
}

static inline t2i_task submit(t2i_client client, const char *request) {
  t2i_task task = 0;
  must(t2i_submit(client, request, T2I_NTS, NULL, &task, &err), "submit");
  return task;
}

/* Waits for the end of one task and returns how it ended. */
/* So many bytes (at least 33) that begin as a PNG of 64 by 64 pixels does. */
static inline void make_picture(unsigned char *bytes, size_t size, unsigned char mark) {
  static const unsigned char header[33] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R',
                                           0, 0, 0, 64, 0, 0, 0, 64, 8, 2, 0, 0, 0, 0, 0, 0, 0};
  memset(bytes, mark, size);
  memcpy(bytes, header, sizeof header);
}

static inline t2i_status ended(t2i_client client, t2i_task task) {
  must(t2i_wait(client, &task, 1, T2I_WAIT_ALL, slowly(20000), NULL, &err), "wait");
  return t2i_task_error(client, task, &err);
}

static inline int32_t state_of(t2i_client client, t2i_task task) {
  t2i_task_info info = T2I_TASK_INFO_INIT;
  must(t2i_task_get(client, task, &info, &err), "task_get");
  return info.state;
}

static inline void close_client(t2i_client client) { CHECK_OK(t2i_client_close(client, slowly(5000), &err)); }

/* ---- text ---- */

/* A format whose result lives until the twentieth call after it. One thread at a time. */
__attribute__((format(printf, 1, 2))) static inline const char *text(const char *format, ...) {
  static char rooms[20][4096];
  static unsigned next;
  char *room = rooms[next++ % 20];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(room, sizeof rooms[0], format, arguments);
  va_end(arguments);
  return room;
}

static inline int has(const char *text, const char *part) { return text != NULL && strstr(text, part) != NULL; }

/* ---- time, threads and descriptors of this process ---- */

static inline int64_t now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Processor time of all threads. */
static inline int64_t busy_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static inline void rest_ms(int64_t span) {
  struct timespec time = {(time_t)(span / 1000), (long)(span % 1000) * 1000000};
  while (nanosleep(&time, &time) != 0 && errno == EINTR) {}
}

static inline int entries(const char *folder) {
  int count = 0;
  DIR *opened = opendir(folder);
  if (opened == NULL) return -1;
  for (struct dirent *entry; (entry = readdir(opened)) != NULL;) count += entry->d_name[0] != '.';
  closedir(opened);
  return count;
}

/* Without the sanitizer's own. */
static inline int thread_count(void) { return entries("/proc/self/task") - SANITIZER_THREADS; }

/* Whether so many threads are left. The kernel lists one that was joined for a moment more. */
static inline int has_threads(int wanted) {
  for (int64_t end = now_ms() + slowly(500); now_ms() < end && thread_count() != wanted; rest_ms(1)) {}
  return thread_count() == wanted;
}

/* Without the one that looks. */
static inline int descriptor_count(void) { return entries("/proc/self/fd") - 1; }

static inline int is_readable(intptr_t descriptor, int64_t timeout) {
  struct pollfd wait = {(int)descriptor, POLLIN, 0};
  return poll(&wait, 1, (int)timeout) == 1 && (wait.revents & POLLIN) != 0;
}

static inline pthread_t start(void *(*body)(void *), void *argument) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, body, argument) != 0) abort();
  return thread;
}

/* Words that threads share with each other and with signal handlers. */
static inline int get(const int *word) { return __atomic_load_n(word, __ATOMIC_SEQ_CST); }
static inline void set(int *word, int value) { __atomic_store_n(word, value, __ATOMIC_SEQ_CST); }
static inline int add(int *word) { return __atomic_add_fetch(word, 1, __ATOMIC_SEQ_CST); }

/* Waits until another thread has set a word. */
static inline int came(const int *word) {
  for (int64_t end = now_ms() + slowly(10000); now_ms() < end; rest_ms(1))
    if (get(word)) return 1;
  return 0;
}
#endif
