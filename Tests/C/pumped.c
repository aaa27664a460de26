/* Pumped clients: the host's own thread does the work, and nothing moves without it. */
#include "check.h"

#define STEPPED "{\"provider\":\"sketch\",\"paintThreads\":0,\"simulate\":{\"latencyMs\":%d}}"

static t2i_client open_stepped(int latency) { return open_client(text(STEPPED, latency), T2I_OPEN_PUMPED); }

static void nothingMovesWithoutThePump(void) {
  int threads = thread_count();
  t2i_client client = open_stepped((int)slowly(20));
  t2i_task task = submit(client, FOX);
  t2i_output_info output = T2I_OUTPUT_INFO_INIT;
  int64_t next_ms = -7;
  rest_ms(60);
  CHECK(state_of(client, task) == T2I_S_QUEUED);
  CHECK_STATUS(T2I_PENDING, t2i_output_get(client, task, 0, &output, &err));
  CHECK(state_of(client, task) == T2I_S_QUEUED);
  /* The first turn says when the next is wanted. */
  while (t2i_client_pump(client, 0, 0, &next_ms, &err) == T2I_MORE) CHECK(next_ms == 0);
  CHECK(next_ms > 0 && next_ms <= slowly(20) && !T2I_IS_FINAL(state_of(client, task)));
  for (int turns = 0; turns < 2000 && !T2I_IS_FINAL(state_of(client, task)); turns++) {
    t2i_status status = t2i_client_pump(client, 0, 1000, &next_ms, &err);
    CHECK((status == T2I_OK || status == T2I_MORE) && (status == T2I_MORE) == (next_ms == 0));
    if (status == T2I_OK && next_ms > 0) rest_ms(next_ms);
  }
  CHECK(state_of(client, task) == T2I_S_SUCCEEDED);
  while (t2i_client_pump(client, 0, 0, &next_ms, &err) == T2I_MORE) {}
  CHECK(next_ms == -1);
  CHECK(has_threads(threads));
  close_client(client);
}

static void whoWaitsPumps(void) {
  t2i_client client = open_stepped(20);
  t2i_event event = T2I_EVENT_INIT;
  void *data = NULL;
  size_t length;
  t2i_task task = submit(client, FOX);
  CHECK_OK(t2i_wait(client, &task, 1, T2I_WAIT_ALL, slowly(5000), NULL, &err));
  task = submit(client, FOX);
  CHECK_OK(t2i_output_read(client, task, 0, slowly(5000), &data, &length, &err));
  t2i_free(data);
  task = submit(client, FOX);
  CHECK_OK(t2i_output_save(client, task, 0, "pumped.png", T2I_NTS, 0, slowly(5000), &err));
  task = submit(client, FOX);
  do must(t2i_next_event(client, &event, slowly(5000), &err), "next_event");
  while (event.task != task || event.kind != T2I_EV_FINAL);
  CHECK(has_threads(1));
  close_client(client);
}

static void aBudgetIsSpentOnSeveralTurns(void) {
  t2i_client client = open_stepped(0);
  t2i_task task = submit(client, FOX);
  int64_t next_ms;
  int64_t begun = now_ms();
  t2i_client_pump(client, 0, 2000000, &next_ms, &err);
  CHECK(state_of(client, task) == T2I_S_SUCCEEDED && now_ms() - begun < slowly(1000));
  close_client(client);
}

/* ---- the descriptor ---- */

static void theDescriptorIsReadableWhileThereIsSomethingToDo(const char *config) {
  t2i_client client = open_client(config, T2I_OPEN_PUMPED);
  t2i_event event = T2I_EVENT_INIT;
  intptr_t descriptor, again;
  int64_t next_ms = 0;
  int ends = 0;
  CHECK_OK(t2i_client_fd(client, &descriptor, &err));
  CHECK_OK(t2i_client_fd(client, &again, &err));
  CHECK(descriptor == again && descriptor >= 3);
  CHECK((fcntl((int)descriptor, F_GETFD) & FD_CLOEXEC) != 0);
  while (t2i_client_pump(client, 0, 0, &next_ms, &err) == T2I_MORE) {}
  CHECK(!is_readable(descriptor, 0));
  t2i_task task = submit(client, FOX);
  CHECK(is_readable(descriptor, 0) && is_readable(descriptor, 0));
  for (int rounds = 0; rounds < 2000 && ends == 0; rounds++) {
    if (!CHECK(is_readable(descriptor, slowly(5000)))) break;
    must(t2i_client_pump(client, 0, 1000, &next_ms, &err) < 0 ? T2I_E_INTERNAL : T2I_OK, "pump");
    while (t2i_next_event(client, &event, 0, &err) == T2I_OK) ends += event.kind == T2I_EV_FINAL;
  }
  CHECK(ends == 1 && state_of(client, task) == T2I_S_SUCCEEDED);
  while (t2i_client_pump(client, 0, 0, &next_ms, &err) == T2I_MORE) {}
  CHECK(!is_readable(descriptor, 30));
  close_client(client);
}

static void anUntakenEventKeepsTheDescriptorReadable(uint32_t flags) {
  t2i_client client = open_client(SKETCH, flags);
  t2i_event event = T2I_EVENT_INIT;
  intptr_t descriptor;
  t2i_task task = submit(client, FOX);
  CHECK(ended(client, task) == T2I_OK);
  /* Asked for late, it knows what came before. */
  CHECK_OK(t2i_client_fd(client, &descriptor, &err));
  CHECK(is_readable(descriptor, 0));
  CHECK_OK(t2i_next_event(client, &event, 0, &err));
  CHECK(event.kind == T2I_EV_OUTPUT && is_readable(descriptor, 0));
  if (flags & T2I_OPEN_PUMPED) t2i_client_pump(client, 0, 0, NULL, &err);
  CHECK(is_readable(descriptor, 0));
  CHECK_OK(t2i_next_event(client, &event, 0, &err));
  CHECK(event.kind == T2I_EV_FINAL && !is_readable(descriptor, 0));
  close_client(client);
}

static void theDescriptorTellsWhenATurnIsDue(void) {
  t2i_client client = open_stepped(200);
  intptr_t descriptor;
  int64_t next_ms, begun = now_ms();
  t2i_task task = submit(client, FOX);
  must(t2i_client_fd(client, &descriptor, &err), "fd");
  while (t2i_client_pump(client, 0, 0, &next_ms, &err) == T2I_MORE) {}
  t2i_event event = T2I_EVENT_INIT;
  while (t2i_next_event(client, &event, 0, &err) == T2I_OK) {}
  CHECK(!is_readable(descriptor, 5));
  CHECK(is_readable(descriptor, slowly(1000)) && now_ms() - begun >= 35);
  CHECK(!T2I_IS_FINAL(state_of(client, task)));
  close_client(client);
}

/* ---- wakes ---- */

static t2i_client woken;
static void onSignal(int number) {
  int saved = errno;
  (void)number;
  if (t2i_client_wake(woken) != T2I_OK) abort();
  errno = saved;
}

struct alarm_clock {
  pthread_t sleeper;
  int rings;
};

static void *signalLater(void *argument) {
  struct alarm_clock *clock = (struct alarm_clock *)argument;
  rest_ms(30);
  pthread_kill(clock->sleeper, SIGUSR1);
  return NULL;
}

static void aSignalHandlerWakesWhoWaits(uint32_t flags) {
  struct sigaction action, before;
  struct alarm_clock clock = {pthread_self(), 1};
  t2i_event event = T2I_EVENT_INIT;
  void *data = NULL;
  size_t length;
  woken = open_client(SLOW_SKETCH, flags);
  t2i_task task = submit(woken, FOX);
  memset(&action, 0, sizeof action);
  action.sa_handler = onSignal;
  sigaction(SIGUSR1, &action, &before);
  rest_ms(20);
  while (t2i_next_event(woken, &event, 20, &err) == T2I_OK) {}
  for (int call = 0; call < 4; call++) {
    int64_t begun = now_ms();
    t2i_status status;
    pthread_t thread = start(signalLater, &clock);
    if (call == 0) status = t2i_next_event(woken, &event, slowly(10000), &err);
    else if (call == 1) status = t2i_wait(woken, &task, 1, T2I_WAIT_ALL, T2I_FOREVER, NULL, &err);
    else if (call == 2) status = t2i_output_read(woken, task, 0, slowly(10000), &data, &length, &err);
    else status = t2i_output_save(woken, task, 0, "woken.png", T2I_NTS, 0, slowly(10000), &err);
    CHECK(status == T2I_WOKEN && now_ms() - begun < slowly(1000));
    pthread_join(thread, NULL);
  }
  sigaction(SIGUSR1, &before, NULL);
  close_client(woken);
}

static void aWakeIsKeptForTheNextCallThatWouldWait(uint32_t flags) {
  t2i_client client = open_client(SLOW_SKETCH, flags);
  t2i_event event = T2I_EVENT_INIT;
  t2i_output_info output = T2I_OUTPUT_INFO_INIT;
  intptr_t descriptor;
  must(t2i_client_fd(client, &descriptor, &err), "fd");
  t2i_task task = submit(client, FOX);
  while (t2i_next_event(client, &event, 50, &err) == T2I_OK) {}
  CHECK(!is_readable(descriptor, 0));
  CHECK(t2i_client_wake(client) == T2I_OK && t2i_client_wake(client) == T2I_OK);
  CHECK(is_readable(descriptor, 0));
  /* What does not wait leaves it alone. */
  CHECK_STATUS(T2I_PENDING, t2i_output_get(client, task, 0, &output, &err));
  CHECK_OK(t2i_task_list(client, NULL, 0, (size_t *)&output.bytes_total, &err));
  CHECK(is_readable(descriptor, 0));
  CHECK_STATUS(T2I_WOKEN, t2i_wait(client, &task, 1, T2I_WAIT_ALL, T2I_FOREVER, NULL, &err));
  /* Two wakes before one call are one, and the descriptor is done with it. */
  CHECK(!is_readable(descriptor, 0));
  CHECK_STATUS(T2I_TIMEOUT, t2i_wait(client, &task, 1, T2I_WAIT_ALL, 20, NULL, &err));
  close_client(client);
}

/* The event comes first, and the wake is not lost over it. */
static void anEventDoesNotEatAWake(uint32_t flags) {
  t2i_client client = open_client(SKETCH, flags);
  t2i_event event = T2I_EVENT_INIT;
  intptr_t descriptor;
  must(t2i_client_fd(client, &descriptor, &err), "fd");
  t2i_task task = submit(client, FOX);
  CHECK(ended(client, task) == T2I_OK);
  CHECK_OK(t2i_next_event(client, &event, 0, &err));
  CHECK(t2i_client_wake(client) == T2I_OK);
  CHECK_OK(t2i_next_event(client, &event, 0, &err));
  CHECK(event.kind == T2I_EV_FINAL && is_readable(descriptor, 0));
  CHECK_STATUS(T2I_WOKEN, t2i_next_event(client, &event, T2I_FOREVER, &err));
  CHECK(!is_readable(descriptor, 0));
  close_client(client);
}

static void aPumpIsAnAnswerToAWake(void) {
  t2i_client client = open_client(SLOW_SKETCH, T2I_OPEN_PUMPED);
  t2i_event event = T2I_EVENT_INIT;
  intptr_t descriptor;
  must(t2i_client_fd(client, &descriptor, &err), "fd");
  while (t2i_client_pump(client, 0, 0, NULL, &err) == T2I_MORE) {}
  CHECK(t2i_client_wake(client) == T2I_OK && is_readable(descriptor, 0));
  CHECK_OK(t2i_client_pump(client, 0, 0, NULL, &err));
  CHECK(!is_readable(descriptor, 0));
  CHECK_STATUS(T2I_TIMEOUT, t2i_next_event(client, &event, 20, &err));
  close_client(client);
}

int main(void) {
  begin();
  nothingMovesWithoutThePump();
  whoWaitsPumps();
  aBudgetIsSpentOnSeveralTurns();
  theDescriptorIsReadableWhileThereIsSomethingToDo("{\"provider\":\"sketch\",\"paintThreads\":0}");
  theDescriptorIsReadableWhileThereIsSomethingToDo(SKETCH);
  theDescriptorIsReadableWhileThereIsSomethingToDo(text(STEPPED, 40));
  anUntakenEventKeepsTheDescriptorReadable(0);
  anUntakenEventKeepsTheDescriptorReadable(T2I_OPEN_PUMPED);
  theDescriptorTellsWhenATurnIsDue();
  for (uint32_t flags = 0; flags <= T2I_OPEN_PUMPED; flags++) {
    aSignalHandlerWakesWhoWaits(flags);
    aWakeIsKeptForTheNextCallThatWouldWait(flags);
    anEventDoesNotEatAWake(flags);
  }
  aPumpIsAnAnswerToAWake();
  return finish();
}
