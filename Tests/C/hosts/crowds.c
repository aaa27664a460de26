/* Many threads of a host at once: random calls with good, stale and forged handles; a close with ten thousand tasks
 * alive while others wait, pump and submit; a million handles that nobody gave; and clients that end while their
 * callbacks are under way, after which none may come. */
#include "every.h"

enum { THREADS = 16 };

static int64_t span_ms;

/* ---- sixteen threads of random calls ---- */

struct worker {
  struct arguments arguments;
  uint64_t random;
  int calls, unnamed;
};

static t2i_client shared[4];

static uint64_t next_number(struct worker *worker) {
  worker->random = worker->random * 6364136223846793005u + 1442695040888963407u;
  return worker->random >> 33;
}

/* A function with arguments that make sense, but for a handle now and then and a timeout of up to 3 ms. */
static void call_any(struct worker *worker) {
  struct arguments *arguments = &worker->arguments;
  const struct function *function = &functions[next_number(worker) % FUNCTIONS];
  size_t count = 0;
  t2i_task tasks[64];
  /* One that ends everything would leave nothing to try. */
  if (is(function->name, "t2i_shutdown")) return;
  if (is(function->name, "t2i_client_close") && next_number(worker) % 64 != 0) return;
  arguments->client = shared[next_number(worker) % 4];
  t2i_task_list(arguments->client, tasks, 64, &count, NULL);
  arguments->task = count ? tasks[next_number(worker) % (count < 64 ? count : 64)] : next_number(worker);
  good_arguments(arguments, function);
  for (int i = 0; i < function->count; i++)
    if (is(function->parameters[i].name, "timeout_ms")) arguments->words[i] = next_number(worker) % 4;
  if (function->parameters[0].kind == CLIENT && next_number(worker) % 8 == 0)
    arguments->words[0] ^= 1ull << next_number(worker) % 56;
  int is_new = is(function->name, "t2i_submit") && next_number(worker) % 2 == 0;
  int64_t result = function->call(arguments->words);
  worker->calls++;
  if (function->is_status && is(t2i_status_name((t2i_status)result), "T2I_UNKNOWN")) worker->unnamed++;
  /* Half of what is submitted stays, for others to find. */
  if (!is_new) put_back(arguments, function, function->is_status ? result : -1);
}

static void *callAnything(void *argument) {
  struct worker *worker = (struct worker *)argument;
  for (int64_t end = now_ms() + span_ms; now_ms() < end;) {
    call_any(worker);
    /* Who closed a client opens another. */
    uint64_t index = next_number(worker) % 4;
    t2i_client client = __atomic_load_n(&shared[index], __ATOMIC_SEQ_CST), opened = 0;
    if (t2i_client_wake(client) == T2I_OK || try_open(SKETCH, &opened) != T2I_OK) continue;
    if (!__atomic_compare_exchange_n(&shared[index], &client, opened, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
      t2i_client_close(opened, T2I_FOREVER, NULL);
  }
  return NULL;
}

static void sixteenThreadsMayCallAnything(void) {
  static struct worker workers[THREADS];
  pthread_t threads[THREADS];
  int calls = 0, unnamed = 0;
  span_ms = is_thorough ? 30000 : slowly(1000);
  for (int i = 0; i < 4; i++) shared[i] = open_driven(SKETCH);
  for (int i = 0; i < THREADS; i++) {
    workers[i].random = (uint64_t)i * 7919 + 1;
    threads[i] = start(callAnything, &workers[i]);
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    calls += workers[i].calls;
    unnamed += workers[i].unnamed;
  }
  CHECK(calls > 1000 && unnamed == 0);
  /* A wake that nobody took may interrupt it. */
  t2i_status status = T2I_WOKEN;
  while (status == T2I_WOKEN) status = t2i_shutdown(slowly(10000), NULL, NULL);
  CHECK(status == T2I_OK && has_threads(1));
  counted("%d random calls of %d threads in %d ms", calls, THREADS, (int)span_ms);
}

/* A close that comes while the client's own thread looks around for the first time, some microseconds after open. */
static void closingAtOnceAfterOpening(void) {
  int rounds = either(4000, 400);
  int64_t begun = now_ms();
  for (int i = 0; i < rounds; i++) {
    struct timespec from, now;
    t2i_client client = open_driven(SKETCH);
    clock_gettime(CLOCK_MONOTONIC, &from);
    do clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - from.tv_sec) * 1000000000L + now.tv_nsec - from.tv_nsec < i * 7919L % 20000);
    CHECK_OK(t2i_client_close(client, T2I_FOREVER, &err));
  }
  CHECK(has_threads(1));
  counted("%d clients opened and closed at once in %d ms", rounds, (int)(now_ms() - begun));
}

/* ---- a close in the middle of everything ---- */

struct visitor {
  t2i_client client;
  t2i_task task;
  int kind, calls;
  t2i_status last;
};

static void *visitUntilItIsClosed(void *argument) {
  struct visitor *visitor = (struct visitor *)argument;
  t2i_client client = visitor->client;
  t2i_event event = T2I_EVENT_INIT;
  for (;;) {
    t2i_status status = T2I_OK;
    t2i_task task = 0;
    switch (visitor->kind % 4) {
    case 0: status = t2i_wait(client, &visitor->task, 1, T2I_WAIT_ALL, T2I_FOREVER, NULL, NULL); break;
    case 1: status = t2i_client_pump(client, 0, 1000, NULL, NULL); break;
    case 2: status = t2i_submit(client, FOX, T2I_NTS, NULL, &task, NULL); break;
    default: status = t2i_next_event(client, &event, T2I_FOREVER, NULL);
    }
    visitor->calls++;
    visitor->last = status;
    if (status == T2I_E_HANDLE || status == T2I_E_CLOSED) return NULL;
    /* A threaded client has nothing to pump, and one that ends tells how its tasks ended. */
    if (status == T2I_E_STATE || status == T2I_E_BUSY) rest_ms(1);
  }
}

static void closingInTheMiddleOfEverythingEndsIt(void) {
  enum { TASKS = 10000, VISITORS = 8 };
  struct visitor visitors[VISITORS];
  pthread_t threads[VISITORS];
  t2i_client client = open_driven(SLOW_SKETCH);
  t2i_task task = 0;
  int calls = 0, ended_well = 0;
  for (int i = 0; i < TASKS; i++) task = submit(client, FOX);
  for (int i = 0; i < VISITORS; i++) {
    visitors[i] = (struct visitor){client, task, i, 0, T2I_OK};
    threads[i] = start(visitUntilItIsClosed, &visitors[i]);
  }
  rest_ms(50);
  int64_t begun = now_ms();
  t2i_status status = t2i_client_close(client, slowly(10000), &err);
  int64_t taken = now_ms() - begun;
  CHECK_STATUS(T2I_OK, status);
  for (int i = 0; i < VISITORS; i++) {
    pthread_join(threads[i], NULL);
    calls += visitors[i].calls;
    ended_well += visitors[i].last == T2I_E_HANDLE || visitors[i].last == T2I_E_CLOSED;
  }
  CHECK(ended_well == VISITORS);
  CHECK(t2i_client_wake(client) == T2I_E_HANDLE && has_threads(1));
  counted("a close with %d tasks alive and %d threads inside took %d ms; they had made %d calls", TASKS, VISITORS,
          (int)taken, calls);
}

/* ---- handles nobody gave ---- */

static void aMillionForgedHandlesFindNothing(void) {
  t2i_client client = open_driven(SLOW_SKETCH);
  t2i_task task = submit(client, FOX);
  t2i_task_info info = T2I_TASK_INFO_INIT;
  struct worker worker;
  int tried = 0, found = 0;
  memset(&worker, 0, sizeof worker);
  for (int i = 0; i < 500000; i++) {
    uint64_t random = next_number(&worker) << 33 ^ next_number(&worker) << 12 ^ next_number(&worker);
    /* Anything; of 53 bits; and the real one with another slot, generation or kind. */
    uint64_t forged = i % 3 == 0 ? random : i % 3 == 1 ? random >> 11 : (i % 2 ? task : client) ^ 1ull << random % 53;
    if (forged == client || forged == task) continue;
    tried += 2;
    found += t2i_client_wake(forged) != T2I_E_HANDLE;
    found += t2i_task_get(client, forged, &info, NULL) != T2I_E_HANDLE;
  }
  CHECK(tried > 990000 && found == 0 && info.state == 0);
  CHECK(!T2I_IS_FINAL(state_of(client, task)));
  close_client(client);
  counted("%d forged handles, %d found anything", tried, found);
}

/* ---- callbacks and the end ---- */

struct listener {
  int closed, late, events;
};

static void onEvent(void *user, const t2i_event *event) {
  struct listener *listener = (struct listener *)user;
  (void)event;
  if (get(&listener->closed)) add(&listener->late);
  add(&listener->events);
}

static void *pumpUntilItIsClosed(void *argument) {
  t2i_client client = *(t2i_client *)argument;
  t2i_status status = T2I_OK;
  while (status >= 0 || status == T2I_E_BUSY || status == T2I_E_STATE)
    status = t2i_client_pump(client, 3, 0, NULL, NULL);
  return NULL;
}

static void afterCloseNoCallbackComes(int rounds) {
  struct listener listener;
  int events = 0, late = 0;
  for (int round = 0; round < rounds; round++) {
    t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
    memset(&listener, 0, sizeof listener);
    options.flags = drive ? drive : (round % 2 ? T2I_OPEN_EVENTS_ON_LIB_THREAD : 0u);
    options.on_event = onEvent, options.on_event_user = &listener;
    t2i_client client = open_with("{\"provider\":\"sketch\",\"simulate\":{\"latencyMs\":4,\"paint\":false}}", &options);
    pthread_t threads[2] = {start(pumpUntilItIsClosed, &client), start(pumpUntilItIsClosed, &client)};
    for (int i = 0; i < 20; i++) submit(client, FOX);
    rest_ms(round % 7);
    CHECK_OK(t2i_client_close(client, slowly(5000), &err));
    set(&listener.closed, 1);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    events += get(&listener.events), late += get(&listener.late);
  }
  CHECK(late == 0 && events >= rounds * 20);
  counted("%d closes under %d callbacks; %d came late", rounds, events, late);
}

int main(int argc, char **argv) {
  begin_host(argc, argv);
  closingAtOnceAfterOpening();
  sixteenThreadsMayCallAnything();
  closingInTheMiddleOfEverythingEndsIt();
  aMillionForgedHandlesFindNothing();
  afterCloseNoCallbackComes(either(500, 30));
  return finish();
}
