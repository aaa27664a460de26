/* Many threads on one client and many clients at once: nothing hangs, nothing is lost, nothing is left over. */
#include "check.h"

#define THREADS 8
#define SHORT_SKETCH "{\"provider\":\"sketch\",\"simulate\":{\"latencyMs\":3}}"

static int64_t stress_ms = 800;

/* ---- everything at once ---- */

struct worker {
  t2i_client client;
  unsigned random;
  int submitted, events, surprises, last_surprise;
};

static unsigned next_number(struct worker *worker) {
  worker->random = worker->random * 1664525u + 1013904223u;
  return worker->random >> 16;
}

/* Other threads close tasks and clients under our hands; that is told, and nothing else is. */
static int expected(struct worker *worker, t2i_status status) {
  if (status >= 0 || status == T2I_E_HANDLE || status == T2I_E_CLOSED) return 1;
  /* How a task ended is no failure of the call. */
  if (status == T2I_E_CANCELLED || status == T2I_E_BUSY) return 1;
  worker->surprises++;
  worker->last_surprise = status;
  return 0;
}

static void one_step(struct worker *worker) {
  t2i_client client = worker->client;
  t2i_task tasks[8], task;
  t2i_event event = T2I_EVENT_INIT;
  t2i_error ending = T2I_ERROR_INIT;
  void *data = NULL;
  char *json = NULL;
  intptr_t descriptor;
  size_t length, count = 0;
  expected(worker, t2i_task_list(client, tasks, 8, &count, NULL));
  task = count > 0 ? tasks[next_number(worker) % (count < 8 ? count : 8)] : 0;
  switch (next_number(worker) % 12) {
  case 0:
  case 1:
  case 2:
    if (t2i_submit(client, FOX, T2I_NTS, NULL, &task, NULL) == T2I_OK) worker->submitted++;
    break;
  case 3: expected(worker, t2i_task_cancel(client, task, 1 + next_number(worker) % 2, NULL)); break;
  case 4: expected(worker, t2i_task_close(client, task)); break;
  case 5: expected(worker, t2i_wait(client, &task, 1, T2I_WAIT_ALL, 2, NULL, NULL)); break;
  case 6:
  case 7:
    while (t2i_next_event(client, &event, (int64_t)(next_number(worker) % 2), NULL) == T2I_OK) worker->events++;
    break;
  case 8:
    expected(worker, t2i_output_read(client, task, 0, 1, &data, &length, NULL));
    t2i_free(data);
    break;
  case 9:
    expected(worker, t2i_task_json(client, task, &json, &length, NULL));
    t2i_free(json);
    break;
  case 10:
    expected(worker, t2i_client_fd(client, &descriptor, NULL));
    expected(worker, t2i_client_wake(client));
    break;
  default:
    t2i_client_pump(client, 0, 0, NULL, NULL);
    expected(worker, t2i_task_error(client, task, &ending));
  }
}

static void *workOnOneClient(void *argument) {
  struct worker *worker = (struct worker *)argument;
  for (int64_t end = now_ms() + stress_ms; now_ms() < end;) one_step(worker);
  return NULL;
}

/* Opens and closes clients of its own, with and without tasks. */
static void *comeAndGo(void *argument) {
  struct worker *worker = (struct worker *)argument;
  t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
  for (int64_t end = now_ms() + stress_ms; now_ms() < end;) {
    t2i_task task;
    intptr_t descriptor;
    options.flags = next_number(worker) % 2 ? T2I_OPEN_PUMPED : 0;
    if (t2i_client_open(SHORT_SKETCH, T2I_NTS, &options, &worker->client, NULL) != T2I_OK) continue;
    for (unsigned i = next_number(worker) % 4; i > 0; i--) t2i_submit(worker->client, FOX, T2I_NTS, NULL, &task, NULL);
    if (next_number(worker) % 2) t2i_client_fd(worker->client, &descriptor, NULL);
    for (int i = 0; i < 5; i++) one_step(worker);
    worker->submitted++;
    t2i_status status = t2i_client_close(worker->client, slowly(5000), NULL);
    while (status == T2I_WOKEN) status = t2i_client_close(worker->client, slowly(5000), NULL);
    if (status != T2I_OK) worker->surprises++, worker->last_surprise = status;
  }
  return NULL;
}

static void eightThreadsMayDoAnything(uint32_t flags) {
  struct worker workers[THREADS];
  pthread_t threads[THREADS];
  t2i_client client = open_client(SHORT_SKETCH, flags);
  int surprises = 0, last = 0, submitted = 0, events = 0;
  memset(workers, 0, sizeof workers);
  for (int i = 0; i < THREADS; i++) {
    workers[i].client = client;
    workers[i].random = (unsigned)i * 7919u + 1;
    threads[i] = start(i < 6 ? workOnOneClient : comeAndGo, &workers[i]);
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    surprises += workers[i].surprises;
    submitted += workers[i].submitted;
    events += workers[i].events;
    if (workers[i].surprises) last = workers[i].last_surprise;
  }
  if (!CHECK(surprises == 0)) printf("  %d, the last %s\n", surprises, t2i_status_name(last));
  CHECK(submitted > 50 && events > 0);
  t2i_status status = t2i_client_close(client, slowly(5000), &err);
  CHECK(status == T2I_OK || (status == T2I_WOKEN && t2i_client_close(client, slowly(5000), &err) == T2I_OK));
}

/* ---- a cancel that another thread sends as soon as it sees the task ---- */

static int submitting;

static void *cancelAllYouSee(void *argument) {
  t2i_client client = *(t2i_client *)argument;
  while (get(&submitting)) {
    t2i_task tasks[64];
    size_t count = 0;
    t2i_task_list(client, tasks, 64, &count, NULL);
    for (size_t i = 0; i < count && i < 64; i++) t2i_task_cancel(client, tasks[i], T2I_CANCEL_REMOTE, NULL);
  }
  return NULL;
}

static void noCancelOvertakesItsTask(void) {
  t2i_client client = open_client(SLOW_SKETCH, 0);
  int lost = 0;
  set(&submitting, 1);
  pthread_t threads[2] = {start(cancelAllYouSee, &client), start(cancelAllYouSee, &client)};
  for (int64_t end = now_ms() + stress_ms / 2; now_ms() < end;) {
    t2i_task task = submit(client, FOX);
    lost += t2i_wait(client, &task, 1, T2I_WAIT_ALL, slowly(2000), NULL, &err) != T2I_OK;
    t2i_task_close(client, task);
    if (lost) break;
  }
  set(&submitting, 0);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  CHECK(lost == 0);
  close_client(client);
}

/* ---- many tasks ---- */

static void aThousandTasksFinish(void) {
  enum { COUNT = 1000 };
  static t2i_task tasks[COUNT];
  t2i_client client = open_client(SKETCH, 0);
  t2i_event event = T2I_EVENT_INIT;
  t2i_error ending = T2I_ERROR_INIT;
  char *json = NULL;
  size_t length, count;
  int good = 0, ends = 0;
  uint64_t seq = 0;
  for (int i = 0; i < COUNT; i++) tasks[i] = submit(client, FOX);
  CHECK_OK(t2i_wait(client, tasks, COUNT, T2I_WAIT_ALL, slowly(30000), NULL, &err));
  for (int i = 0; i < COUNT; i++) good += t2i_task_error(client, tasks[i], &ending) == T2I_OK;
  CHECK(good == COUNT);
  while (t2i_next_event(client, &event, 0, &err) == T2I_OK) {
    ends += event.kind == T2I_EV_FINAL;
    if (event.seq <= seq) ends = -1000000;
    seq = event.seq;
  }
  CHECK(ends == COUNT);
  CHECK_OK(t2i_client_stats(client, &json, &length, &err));
  CHECK(has(json, "\"tasks\":{\"SUCCEEDED\":1000}"));
  t2i_free(json);
  /* A handle is stale as soon as its task is closed. */
  good = 0;
  for (int i = 0; i < COUNT; i++)
    good += t2i_task_close(client, tasks[i]) == T2I_OK && t2i_task_close(client, tasks[i]) == T2I_E_HANDLE;
  CHECK(good == COUNT);
  CHECK_OK(t2i_task_list(client, NULL, 0, &count, &err));
  CHECK(count == 0);
  close_client(client);
}

/* ---- closing while others wait ---- */

struct waiter {
  t2i_client client;
  t2i_task task;
  int kind, begun;
  t2i_status status;
};

static void *waitLong(void *argument) {
  struct waiter *waiter = (struct waiter *)argument;
  t2i_event event = T2I_EVENT_INIT;
  void *data = NULL;
  size_t length;
  set(&waiter->begun, 1);
  switch (waiter->kind) {
  case 0:
    do waiter->status = t2i_next_event(waiter->client, &event, T2I_FOREVER, NULL);
    while (waiter->status == T2I_OK);
    break;
  case 1: waiter->status = t2i_wait(waiter->client, &waiter->task, 1, T2I_WAIT_ANY, T2I_FOREVER, NULL, NULL); break;
  case 2:
    waiter->status = t2i_output_read(waiter->client, waiter->task, 0, T2I_FOREVER, &data, &length, NULL);
    break;
  default: waiter->status = t2i_client_close(waiter->client, T2I_FOREVER, NULL);
  }
  return NULL;
}

static void closingEndsEveryWait(uint32_t flags) {
  struct waiter waiters[8];
  pthread_t threads[8];
  t2i_client client = open_client(SLOW_SKETCH, flags);
  t2i_task task = submit(client, FOX);
  int closed = 0;
  memset(waiters, 0, sizeof waiters);
  for (int i = 0; i < 8; i++) {
    waiters[i].client = client;
    waiters[i].task = task;
    /* Two of them close the client a moment later. */
    waiters[i].kind = i < 6 ? i % 3 : 3;
    if (i == 6) rest_ms(30);
    threads[i] = start(waitLong, &waiters[i]);
    CHECK(came(&waiters[i].begun));
  }
  for (int i = 0; i < 8; i++) {
    t2i_status status;
    pthread_join(threads[i], NULL);
    status = waiters[i].status;
    switch (waiters[i].kind) {
    case 0: CHECK(status == T2I_E_CLOSED || status == T2I_E_HANDLE); break;
    /* The task has ended, which is what was waited for. */
    case 1: CHECK(status == T2I_OK || status == T2I_E_CLOSED || status == T2I_E_HANDLE); break;
    case 2: CHECK(status == T2I_E_CLOSED || status == T2I_E_HANDLE); break;
    default:
      closed += status == T2I_OK;
      CHECK(status == T2I_OK || status == T2I_E_CLOSED || status == T2I_E_HANDLE);
    }
    if (status == T2I_TIMEOUT) printf("  waiter %d\n", i);
  }
  CHECK(closed == 1);
}

static void closingATaskEndsItsWait(uint32_t flags) {
  t2i_client client = open_client(SLOW_SKETCH, flags);
  struct waiter waiter = {client, submit(client, FOX), 1, 0, T2I_OK};
  pthread_t thread = start(waitLong, &waiter);
  rest_ms(20);
  CHECK_OK(t2i_task_close(client, waiter.task));
  pthread_join(thread, NULL);
  CHECK(waiter.status == T2I_E_HANDLE);
  close_client(client);
}

static void *shutDownMeanwhile(void *argument) {
  (void)argument;
  rest_ms(20);
  if (t2i_shutdown(slowly(5000), NULL, NULL) != T2I_OK) add(&submitting);
  return NULL;
}

/* Shutdown returns OK only when the clients that others are closing are gone too. */
static void shutdownWaitsForEveryone(int threads, int descriptors) {
  t2i_client clients[6];
  intptr_t descriptor;
  for (int i = 0; i < 6; i++) {
    clients[i] = open_client(i % 2 ? SLOW_SKETCH : SKETCH, i % 3 ? 0 : T2I_OPEN_PUMPED);
    for (int j = 0; j < 3; j++) submit(clients[i], FOX);
    CHECK_OK(t2i_client_fd(clients[i], &descriptor, &err));
  }
  pthread_t thread = start(shutDownMeanwhile, NULL);
  rest_ms(19);
  for (int i = 5; i >= 0; i--) t2i_client_close(clients[i], slowly(5000), NULL);
  pthread_join(thread, NULL);
  CHECK(get(&submitting) == 0);
  char *leaks = NULL;
  size_t length = 0;
  CHECK(t2i_shutdown(slowly(5000), &leaks, &length) == T2I_OK && has(leaks, "[]") && length == 2);
  t2i_free(leaks);
  CHECK(has_threads(threads) && descriptor_count() == descriptors);
}

int main(void) {
  int threads, descriptors;
  begin();
  threads = thread_count();
  descriptors = descriptor_count();
  if (getenv("T2I_STRESS_MS")) stress_ms = atoi(getenv("T2I_STRESS_MS"));
  eightThreadsMayDoAnything(0);
  eightThreadsMayDoAnything(T2I_OPEN_PUMPED);
  noCancelOvertakesItsTask();
  aThousandTasksFinish();
  for (uint32_t flags = 0; flags <= T2I_OPEN_PUMPED; flags++) {
    closingEndsEveryWait(flags);
    closingATaskEndsItsWait(flags);
  }
  shutdownWaitsForEveryone(threads, descriptors);
  /* It may be used again. */
  close_client(open_client(SKETCH, 0));
  CHECK(t2i_shutdown(0, NULL, NULL) == T2I_OK);
  CHECK(has_threads(threads) && descriptor_count() == descriptors);
  return finish();
}
