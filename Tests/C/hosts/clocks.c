/* A machine whose clocks jump: the wall clock by a year back and forth while tasks are at work, and, as after a long
 * sleep or a host that was held in a debugger, ten minutes in which nobody pumped five thousand tasks. The host defines
 * clock_gettime itself, so that ten minutes take none.
 *
 * cc: -rdynamic */
#include "host.h"

#include <sys/syscall.h>

/* By how much each clock is ahead, in seconds. */
static int wall_seconds, steady_seconds;

int clock_gettime(clockid_t clock, struct timespec *time) {
  long result = syscall(SYS_clock_gettime, clock, time);
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) time->tv_sec += get(&wall_seconds);
  if (clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME) time->tv_sec += get(&steady_seconds);
  return (int)result;
}

static int jumping;

static void *jump(void *argument) {
  static const int years[] = {31536000, -31536000, 0, 86400, -1700000000};
  (void)argument;
  for (unsigned i = 0; get(&jumping); i++, rest_ms(1)) set(&wall_seconds, years[i % 5]);
  set(&wall_seconds, 0);
  return NULL;
}

/* Nothing that waits goes by the wall clock. */
static void aWallClockThatJumpsHoldsNothingUp(void) {
  enum { TASKS = 40 };
  t2i_client service = open_driven(hosted("")), sketch = open_driven("{\"provider\":\"sketch\",\"simulate\":"
                                                                     "{\"latencyMs\":150}}");
  t2i_task tasks[TASKS], late = 0, hosted_task;
  t2i_submit_opts opts = T2I_SUBMIT_OPTS_INIT;
  int good = 0;
  set(&jumping, 1);
  pthread_t thread = start(jump, NULL);
  int64_t begun = now_ms();
  for (int i = 0; i < TASKS; i++) tasks[i] = submit(sketch, FOX);
  hosted_task = submit(service, HD_FOX);
  /* A deadline counts from the call, not from a date. */
  opts.deadline_ms = slowly(20000);
  must(t2i_submit(sketch, FOX, T2I_NTS, &opts, &late, &err), "submit");
  CHECK_OK(t2i_wait(sketch, tasks, TASKS, T2I_WAIT_ALL, slowly(5000), NULL, &err));
  for (int i = 0; i < TASKS; i++) good += t2i_task_error(sketch, tasks[i], &err) == T2I_OK;
  CHECK(good == TASKS && ended(sketch, late) == T2I_OK && ended(service, hosted_task) == T2I_OK);
  int64_t taken = now_ms() - begun;
  CHECK(taken >= 100 && taken < slowly(5000));
  set(&jumping, 0);
  pthread_join(thread, NULL);
  close_client(service), close_client(sketch);
  counted("%d tasks while the wall clock jumped by years: %d ms", good + 2, (int)taken);
}

static int everything_is_pending(t2i_client client) {
  char *json = NULL;
  size_t length;
  must(t2i_client_stats(client, &json, &length, &err), "stats");
  int is_pending = has(json, "PENDING") && !has(json, "QUEUED") && !has(json, "SUBMITTING");
  t2i_free(json);
  return is_pending;
}

/* Ten minutes pass between two calls of the host. Everything that fell due meanwhile is done in the next turns, once.
 * */
static void aHostThatStopsPumpingForTenMinutes(void) {
  int tasks = either(5000, 1000), ends = 0, deadlines = 0;
  t2i_client client = open_driven("{\"provider\":\"sketch\",\"simulate\":{\"latencyMs\":300000,\"paint\":false}}");
  t2i_submit_opts opts = T2I_SUBMIT_OPTS_INIT;
  t2i_event event = T2I_EVENT_INIT;
  t2i_task task = 0;
  size_t count = 0;
  for (int i = 0; i < tasks; i++) {
    /* Some have a deadline that passes in the pause. */
    opts.deadline_ms = i % 10 == 0 ? 200000 : 0;
    must(t2i_submit(client, FOX, T2I_NTS, &opts, &task, &err), "submit");
  }
  while (!everything_is_pending(client)) {
    if (drive) t2i_client_pump(client, 0, 20000, NULL, &err);
    rest_ms(1);
  }
  while (t2i_next_event(client, &event, 0, &err) == T2I_OK) CHECK(event.kind != T2I_EV_FINAL);
  long before = resident_kb();
  set(&steady_seconds, 600);
  int64_t begun = now_ms();
  /* Its own thread sleeps by the real clock; a wake tells it to look. */
  t2i_client_wake(client);
  t2i_task extra = submit(client, FOX);
  t2i_task_cancel(client, extra, T2I_CANCEL_LOCAL, &err);
  for (int64_t end = now_ms() + slowly(20000); ends <= tasks && now_ms() < end;) {
    t2i_status status = t2i_next_event(client, &event, slowly(2000), &err);
    if (status != T2I_OK) continue;
    ends += event.kind == T2I_EV_FINAL;
    deadlines += event.kind == T2I_EV_FINAL && event.status == T2I_E_DEADLINE;
  }
  int64_t taken = now_ms() - begun;
  CHECK(ends == tasks + 1);
  CHECK(deadlines >= tasks / 10);
  /* The wake may not have been taken yet. */
  t2i_status last = t2i_next_event(client, &event, 0, &err);
  if (last == T2I_WOKEN) last = t2i_next_event(client, &event, 0, &err);
  CHECK_STATUS(T2I_EMPTY, last);
  CHECK_OK(t2i_task_list(client, NULL, 0, &count, &err));
  CHECK(count == (size_t)tasks + 1);
  close_client(client);
  counted("%d tasks after ten minutes without a pump: all ended in %d ms, %d of them past their deadline, %ld KiB more",
          tasks, (int)taken, deadlines, resident_kb() - before);
}

int main(int argc, char **argv) {
  begin_host(argc, argv);
  aWallClockThatJumpsHoldsNothingUp();
  aHostThatStopsPumpingForTenMinutes();
  CHECK(t2i_shutdown(slowly(5000), NULL, NULL) == T2I_OK && has_threads(1));
  return finish();
}
