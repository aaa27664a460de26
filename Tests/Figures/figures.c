/* The README's numbers that need a running library. It is loaded here with dlopen, so that loading can be timed.
 *
 *   figures LIBRARY */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "t2i.h"

static struct {
  __typeof__(&t2i_client_open) client_open;
  __typeof__(&t2i_client_close) client_close;
  __typeof__(&t2i_submit) submit;
  __typeof__(&t2i_wait) wait;
  __typeof__(&t2i_task_list) task_list;
  __typeof__(&t2i_task_get) task_get;
  __typeof__(&t2i_task_cancel) task_cancel;
  __typeof__(&t2i_output_get) output_get;
  __typeof__(&t2i_check) check;
  __typeof__(&t2i_free) free;
} api;

static t2i_error err = T2I_ERROR_INIT;

static double milliseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void must(t2i_status status) {
  if (status >= 0) return;
  fprintf(stderr, "%d: %s %s\n", (int)status, err.where, err.message);
  exit(1);
}

static int by_size(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return (difference > 0) - (difference < 0);
}

static double median(double *values, size_t count) {
  qsort(values, count, sizeof *values, by_size);
  return values[count / 2];
}

static long resident_kb(void) {
  long pages = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL || fscanf(file, "%ld %ld", &pages, &resident) != 2) exit(1);
  fclose(file);
  return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* What it depends on is loaded first, as it is in most hosts; the rest is our own. */
static void load(const char *path) {
  dlopen("libcurl.so.4", RTLD_NOW);
  dlopen("libjansson.so.4", RTLD_NOW);
  dlopen("libsqlite3.so.0", RTLD_NOW);
  dlopen("libz.so.1", RTLD_NOW);
  dlopen("libm.so.6", RTLD_NOW);
  double start = milliseconds(CLOCK_MONOTONIC);
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  double end = milliseconds(CLOCK_MONOTONIC);
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    exit(1);
  }
  printf("dlopen                       %.2f ms\n", end - start);
#define FIND(name) *(void **)&api.name = dlsym(library, "t2i_" #name)
  FIND(client_open), FIND(client_close), FIND(submit), FIND(wait), FIND(task_list), FIND(task_get);
  FIND(task_cancel), FIND(output_get), FIND(check), FIND(free);
}

static t2i_client opened(const char *config) {
  t2i_client client = 0;
  must(api.client_open(config, T2I_NTS, NULL, &client, &err));
  return client;
}

static long peak_kb(void) {
  char line[256];
  long peak = 0;
  FILE *file = fopen("/proc/self/status", "r");
  if (file == NULL) exit(1);
  while (fgets(line, sizeof line, file)) sscanf(line, "VmHWM: %ld", &peak);
  fclose(file);
  return peak;
}

/* From now on the peak counts anew. */
static void forget_peak(void) {
  FILE *file = fopen("/proc/self/clear_refs", "w");
  if (file == NULL) return;
  fputs("5", file);
  fclose(file);
}

static void paint(t2i_client client, const char *prompt, int width, int height, double *wall, double *cpu) {
  char request[512];
  t2i_task task;
  snprintf(request, sizeof request, "{\"promptText\":\"%s\",\"ratio\":\"%d:%d\"}", prompt, width, height);
  double wall_start = milliseconds(CLOCK_MONOTONIC), cpu_start = milliseconds(CLOCK_PROCESS_CPUTIME_ID);
  must(api.submit(client, request, T2I_NTS, NULL, &task, &err));
  must(api.wait(client, &task, 1, T2I_WAIT_ALL, T2I_FOREVER, NULL, &err));
  *wall = milliseconds(CLOCK_MONOTONIC) - wall_start;
  *cpu = milliseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
}

/* Alone and by two in turn, so that both see the same machine; and what one takes of memory at its peak. */
static void picture(const char *name, const char *prompt, int width, int height) {
  enum { RUNS = 7 };
  double wall[RUNS], cpu[RUNS], shared[RUNS], both[RUNS];
  long most = 0;
  for (int run = 0; run < RUNS; run++) {
    t2i_client alone = opened("{\"provider\":\"sketch\",\"paintThreads\":1}");
    malloc_trim(0);
    forget_peak();
    long before = resident_kb();
    paint(alone, prompt, width, height, &wall[run], &cpu[run]);
    if (peak_kb() - before > most) most = peak_kb() - before;
    must(api.client_close(alone, T2I_FOREVER, &err));
    t2i_client two = opened("{\"provider\":\"sketch\",\"paintThreads\":2}");
    paint(two, prompt, width, height, &shared[run], &both[run]);
    must(api.client_close(two, T2I_FOREVER, &err));
  }
  double pixels = (double)width * height, one = median(wall, RUNS), halves = median(shared, RUNS);
  printf("%-16s %4dx%-4d   %4.0f ms (%4.0f of processor, %3.0f ns a pixel), by two %4.0f: %.2f times; %.1f bytes a pixel\n", name,
         width, height, one, median(cpu, RUNS), median(cpu, RUNS) * 1e6 / pixels, halves, one / halves,
         (double)most * 1024 / pixels);
}

static void pictures(void) {
  static const char garden[] = "A serene Japanese garden with cherry blossoms and a koi pond";
  picture("garden", garden, 1280, 720);
  picture("garden", garden, 1920, 1080);
  picture("garden", garden, 3840, 2160);
  picture("forest in fog", "a forest in fog", 1280, 720);
  picture("cave", "a cave with a lake", 1280, 720);
  picture("city in rain", "a city at night in rain", 1280, 720);
  picture("watercolour", "a castle on a hill, watercolour", 1280, 720);
  picture("oil", "a village, oil painting", 1280, 720);
}

static void thousand(void) {
  enum { TASKS = 1000 };
  static t2i_task tasks[TASKS];
  uint64_t held = 0;
  t2i_client client = opened("{\"provider\":\"sketch\"}");
  long before = resident_kb();
  double start = milliseconds(CLOCK_MONOTONIC);
  for (int i = 0; i < TASKS; i++) {
    char request[128];
    snprintf(request, sizeof request, "{\"promptText\":\"a garden by a lake\",\"ratio\":\"64:64\",\"seed\":%d}", i);
    must(api.submit(client, request, T2I_NTS, NULL, &tasks[i], &err));
  }
  must(api.wait(client, tasks, TASKS, T2I_WAIT_ALL, T2I_FOREVER, NULL, &err));
  double end = milliseconds(CLOCK_MONOTONIC);
  for (int i = 0; i < TASKS; i++) {
    t2i_output_info info = T2I_OUTPUT_INFO_INIT;
    must(api.output_get(client, tasks[i], 0, &info, &err));
    held += info.bytes_total;
  }
  printf("1,000 tasks of 64x64         %.0f ms; memory grew by %.1f MB, of which pictures %.1f MB\n", end - start,
         (double)(resident_kb() - before) / 1024, (double)held / 1048576);
  must(api.client_close(client, T2I_FOREVER, &err));
}

static void cancelled(void) {
  enum { RUNS = 15 };
  double taken[RUNS];
  t2i_client client = opened("{\"provider\":\"sketch\"}");
  for (int run = 0; run < RUNS; run++) {
    t2i_task task;
    struct timespec while_painting = {0, 40000000};
    must(api.submit(client, "{\"promptText\":\"a garden\",\"ratio\":\"4096:4096\"}", T2I_NTS, NULL, &task, &err));
    nanosleep(&while_painting, NULL);
    double start = milliseconds(CLOCK_MONOTONIC);
    must(api.task_cancel(client, task, T2I_CANCEL_REMOTE, &err));
    must(api.wait(client, &task, 1, T2I_WAIT_ALL, T2I_FOREVER, NULL, &err));
    taken[run] = milliseconds(CLOCK_MONOTONIC) - start;
  }
  double start = milliseconds(CLOCK_MONOTONIC);
  must(api.client_close(client, T2I_FOREVER, &err));
  double end = milliseconds(CLOCK_MONOTONIC);
  double middle = median(taken, RUNS);
  printf("cancel of a 4096x4096        %.1f ms, at most %.1f of %d; closing its client then %.1f ms\n", middle,
         taken[RUNS - 1], RUNS, end - start);
}

static void checked(void) {
  enum { CHECKS = 2000 };
  t2i_client client = opened("{\"provider\":\"sketch\"}");
  double start = milliseconds(CLOCK_MONOTONIC);
  for (int i = 0; i < CHECKS; i++) {
    char *report;
    size_t length;
    must(api.check(client, "{\"promptText\":\"a lighthouse\"}", T2I_NTS, &report, &length, &err));
    api.free(report);
  }
  printf("t2i_check                    %.0f us\n", (milliseconds(CLOCK_MONOTONIC) - start) * 1000 / CHECKS);
  must(api.client_close(client, T2I_FOREVER, &err));
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  /* What is large goes back to the system when it is freed, so that each peak is one picture's. */
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  load(argv[1]);
  pictures();
  thousand();
  cancelled();
  checked();
  return 0;
}
