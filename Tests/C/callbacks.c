/* on_event: on which thread it is called, what it may call, and that it is not called any more. */
#include "check.h"

struct host {
  t2i_client client;
  pthread_t owner;        /* the only thread that may be called on, if `checks_thread` */
  int checks_thread;
  int events, ends, wrong_threads;
  int64_t rest;           /* how long each call takes */
  int inside, was_inside; /* a call is under way; one ever was */
  int closed;             /* from now on no call may come */
  int late;               /* but this many did */
  void (*and_then)(struct host *host, const t2i_event *event);
};

static struct host new_host; /* all zero */

static void onEvent(void *user, const t2i_event *event) {
  struct host *host = (struct host *)user;
  if (host->checks_thread && !pthread_equal(pthread_self(), host->owner)) add(&host->wrong_threads);
  if (get(&host->closed)) add(&host->late);
  set(&host->inside, 1);
  set(&host->was_inside, 1);
  if (host->rest > 0) rest_ms(host->rest);
  if (host->and_then) host->and_then(host, event);
  add(&host->events);
  if (event->kind == T2I_EV_FINAL) add(&host->ends);
  if (get(&host->closed)) add(&host->late);
  set(&host->inside, 0);
}

static void open_host(struct host *host, const char *config, uint32_t flags) {
  t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
  options.flags = flags;
  options.on_event = onEvent;
  options.on_event_user = host;
  host->owner = pthread_self();
  host->client = open_with(config, &options);
}

static void eventsComeInsidePumpOnThePumpingThread(uint32_t flags) {
  struct host host = new_host;
  t2i_event event = T2I_EVENT_INIT;
  host.checks_thread = 1;
  open_host(&host, SKETCH, flags);
  submit(host.client, FOX);
  CHECK_REFUSED(T2I_E_STATE, "c", t2i_next_event(host.client, &event, 0, E));
  rest_ms(30);
  CHECK(host.events == 0);
  for (int64_t end = now_ms() + slowly(5000); host.ends == 0 && now_ms() < end; rest_ms(1))
    t2i_client_pump(host.client, 0, 0, NULL, &err);
  CHECK(host.ends == 1 && host.events >= 2 && host.wrong_threads == 0);
  close_client(host.client);
}

static void eventsComeInsideWaitAndClose(uint32_t flags) {
  struct host host = new_host;
  host.checks_thread = 1;
  open_host(&host, SKETCH, flags);
  t2i_task task = submit(host.client, FOX);
  CHECK(ended(host.client, task) == T2I_OK);
  CHECK(host.ends == 1 && host.wrong_threads == 0);
  close_client(host.client);
  open_host(&host, SLOW_SKETCH, flags);
  submit(host.client, FOX);
  close_client(host.client);
  CHECK(host.ends == 2 && host.wrong_threads == 0);
}

static void onlySoManyEventsAreTold(void) {
  struct host host = new_host;
  open_host(&host, SKETCH, 0);
  t2i_task tasks[3];
  intptr_t descriptor;
  must(t2i_client_fd(host.client, &descriptor, &err), "fd");
  for (int i = 0; i < 3; i++) tasks[i] = submit(host.client, FOX);
  for (int i = 0; i < 3; i++)
    for (int64_t end = now_ms() + slowly(5000); now_ms() < end && !T2I_IS_FINAL(state_of(host.client, tasks[i]));)
      rest_ms(1);
  /* An output and an end of each. */
  for (int told = 1; told <= 6; told++) {
    int64_t next_ms = -7;
    CHECK(is_readable(descriptor, 0));
    CHECK_STATUS(told < 6 ? T2I_MORE : T2I_OK, t2i_client_pump(host.client, 1, 0, &next_ms, &err));
    CHECK(host.events == told && next_ms == (told < 6 ? 0 : -1));
  }
  CHECK(host.ends == 3 && !is_readable(descriptor, 0));
  close_client(host.client);
}

/* ---- calls from inside ---- */

static void callEverything(struct host *host, const t2i_event *event) {
  t2i_client client = host->client;
  t2i_task task = event->task;
  t2i_task_info info = T2I_TASK_INFO_INIT;
  t2i_event other = T2I_EVENT_INIT;
  char *json = NULL;
  void *data = NULL;
  size_t length;
  if (event->kind != T2I_EV_OUTPUT) return;
  CHECK_REFUSED(T2I_E_REENTRANT, "", t2i_client_pump(client, 0, 0, NULL, E));
  CHECK_REFUSED(T2I_E_REENTRANT, "", t2i_client_close(client, 0, E));
  CHECK_REFUSED(T2I_E_STATE, "c", t2i_next_event(client, &other, 0, E));
  CHECK(t2i_shutdown(0, &json, &length) == T2I_TIMEOUT && has(json, "\"why\":\"called from inside a callback"));
  t2i_free(json);
  CHECK_OK(t2i_task_get(client, task, &info, &err));
  CHECK_OK(t2i_output_read(client, task, 0, 0, &data, &length, &err));
  t2i_free(data);
  CHECK_OK(t2i_output_save(client, task, 0, "inside.png", T2I_NTS, T2I_SAVE_REPLACE, 0, &err));
  t2i_task another = submit(client, "{\"promptText\":\"another\",\"ratio\":\"64:64\"}");
  CHECK_STATUS(T2I_TIMEOUT, t2i_wait(client, &another, 1, T2I_WAIT_ALL, 0, NULL, &err));
  CHECK_REFUSED(T2I_E_REENTRANT, "", t2i_wait(client, &another, 1, T2I_WAIT_ALL, 10, NULL, E));
  CHECK_REFUSED(T2I_E_REENTRANT, "", t2i_output_read(client, another, 0, 10, &data, &length, E));
  CHECK(t2i_client_wake(client) == T2I_OK);
  CHECK_STATUS(T2I_WOKEN, t2i_wait(client, &another, 1, T2I_WAIT_ALL, 0, NULL, &err));
  CHECK_OK(t2i_task_cancel(client, another, T2I_CANCEL_REMOTE, &err));
  CHECK_OK(t2i_task_close(client, another));
  CHECK_OK(t2i_task_close(client, task));
  set(&host->ends, 1);
  host->and_then = NULL;
}

static void aCallbackMayDoWhatDoesNotWait(uint32_t flags) {
  struct host host = new_host;
  host.and_then = callEverything;
  /* Long enough that the task it submits has not ended when it asks. */
  open_host(&host, text("{\"provider\":\"sketch\",\"simulate\":{\"latencyMs\":%d}}", (int)slowly(80)), flags);
  submit(host.client, FOX);
  for (int64_t end = now_ms() + slowly(5000); !get(&host.ends) && now_ms() < end; rest_ms(1))
    if (!(flags & T2I_OPEN_EVENTS_ON_LIB_THREAD)) t2i_client_pump(host.client, 0, 0, NULL, &err);
  CHECK(get(&host.ends) == 1);
  close_client(host.client);
}

static void eventsComeOnTheLibrarysThread(void) {
  struct host host = new_host;
  open_host(&host, "{\"provider\":\"sketch\",\"simulate\":{\"latencyMs\":20}}", T2I_OPEN_EVENTS_ON_LIB_THREAD);
  t2i_event event = T2I_EVENT_INIT;
  CHECK_REFUSED(T2I_E_STATE, "c", t2i_client_pump(host.client, 0, 0, NULL, E));
  CHECK_REFUSED(T2I_E_STATE, "c", t2i_next_event(host.client, &event, 0, E));
  submit(host.client, FOX);
  CHECK(came(&host.ends));
  submit(host.client, FOX);
  close_client(host.client);
  CHECK(host.ends == 2);
}

/* ---- several threads ---- */

struct call {
  struct host *host;
  t2i_task task;
  t2i_status status;
  int done;
};

static void *pump(void *argument) {
  struct call *call = (struct call *)argument;
  call->status = t2i_client_pump(call->host->client, 0, 0, NULL, NULL);
  return NULL;
}

static void *await(void *argument) {
  struct call *call = (struct call *)argument;
  call->status = t2i_wait(call->host->client, &call->task, 1, T2I_WAIT_ALL, slowly(10000), NULL, NULL);
  set(&call->done, 1);
  return NULL;
}

static void aSecondPumpIsToldThatOneIsUnderWay(void) {
  struct host host = new_host;
  struct call call = {&host, 0, 0, 0};
  host.rest = 50;
  open_host(&host, SKETCH, 0);
  t2i_task task = submit(host.client, FOX);
  while (!T2I_IS_FINAL(state_of(host.client, task))) rest_ms(1);
  pthread_t thread = start(pump, &call);
  CHECK(came(&host.inside));
  CHECK_REFUSED(T2I_E_BUSY, "c", t2i_client_pump(host.client, 0, 0, NULL, E));
  pthread_join(thread, NULL);
  CHECK(call.status == T2I_OK);
  close_client(host.client);
}

static void twoWaitersBothReturn(uint32_t flags) {
  struct host host = new_host;
  struct call calls[2] = {{&host, 0, 0, 0}, {&host, 0, 0, 0}};
  pthread_t threads[2];
  host.client = open_client("{\"provider\":\"sketch\",\"paintThreads\":0,\"simulate\":{\"latencyMs\":50}}", flags);
  for (int i = 0; i < 2; i++) {
    calls[i].task = submit(host.client, FOX);
    threads[i] = start(await, &calls[i]);
  }
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  CHECK(calls[0].status == T2I_OK && calls[1].status == T2I_OK);
  close_client(host.client);
}

/* While the first is inside a callback, the second sleeps although turns fall due. */
static void aSecondWaiterSleepsMeanwhile(void) {
  struct host host = new_host;
  struct call calls[2] = {{&host, 0, 0, 0}, {&host, 0, 0, 0}};
  pthread_t threads[2];
  host.rest = 150;
  open_host(&host, "{\"provider\":\"sketch\",\"simulate\":{\"latencyMs\":200}}", T2I_OPEN_PUMPED);
  calls[0].task = calls[1].task = submit(host.client, FOX);
  int64_t begun = busy_ms();
  for (int i = 0; i < 2; i++) threads[i] = start(await, &calls[i]);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  CHECK(calls[0].status == T2I_OK && calls[1].status == T2I_OK);
  CHECK(busy_ms() - begun < slowly(60));
  close_client(host.client);
}

/* A callback that another thread is inside of holds up the close; after it, none comes. */
static void afterCloseNoCallbackComes(uint32_t flags) {
  struct host host = new_host;
  struct call call = {&host, 0, 0, 0};
  pthread_t thread = 0;
  host.rest = 30;
  open_host(&host, SKETCH, flags);
  call.task = submit(host.client, FOX);
  for (int i = 0; i < 2; i++) submit(host.client, FOX);
  if (!(flags & T2I_OPEN_EVENTS_ON_LIB_THREAD)) thread = start(await, &call);
  CHECK(came(&host.was_inside));
  t2i_status status = t2i_client_close(host.client, 0, &err);
  CHECK(status == T2I_TIMEOUT);
  CHECK_OK(t2i_client_close(host.client, slowly(5000), &err));
  set(&host.closed, 1);
  CHECK(!get(&host.inside));
  rest_ms(80);
  CHECK(get(&host.late) == 0);
  if (thread) pthread_join(thread, NULL);
  CHECK(call.status == T2I_OK || call.status == T2I_E_CLOSED || call.status == T2I_E_HANDLE);
}

/* ---- the log ---- */

struct log {
  int records;
  int32_t level;
  char last[4096];
};

static struct log new_log; /* all zero */

static void onLog(void *user, int32_t level, const char *json, size_t length) {
  struct log *log = (struct log *)user;
  log->records++;
  log->level = level;
  snprintf(log->last, sizeof log->last, "%.*s", (int)length, json);
}

static t2i_status open_logged(struct log *log, const char *config, int32_t level) {
  t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
  t2i_client client = 0;
  options.on_log = onLog;
  options.on_log_user = log;
  options.log_level = level;
  options.flags = T2I_OPEN_PUMPED;
  t2i_status status = t2i_client_open(config, T2I_NTS, &options, &client, &err);
  if (status == T2I_OK) t2i_client_close(client, 0, NULL);
  return status;
}

/* The built-in catalogue says 5 credits for gen4_image at 720p. */
static void aCheaperCatalogueIsLogged(void) {
  const char *config = "{\"provider\":\"sketch\",\"catalogue\":\"cheap.json\"}";
  struct log log = new_log;
  FILE *file = fopen("cheap.json", "w");
  if (file == NULL) abort();
  fputs("{\"models\":[{\"id\":\"gen4_image\",\"ratio\":{\"values\":[\"1280:720\"]},\"pricing\":{\"flat\":1}}]}", file);
  fclose(file);
  CHECK_OK(open_logged(&log, config, T2I_LOG_WARN));
  CHECK(log.records >= 1 && log.level == T2I_LOG_WARN);
  CHECK(has(log.last, "\"level\":\"warn\"") && has(log.last, "gen4_image"));
  struct log quiet = new_log;
  CHECK_OK(open_logged(&quiet, config, T2I_LOG_ERROR));
  CHECK_OK(open_logged(&quiet, config, 0));
  CHECK_OK(open_logged(&quiet, SKETCH, T2I_LOG_DEBUG));
  CHECK(quiet.records == 0);
}

int main(void) {
  begin();
  eventsComeInsidePumpOnThePumpingThread(0);
  eventsComeInsidePumpOnThePumpingThread(T2I_OPEN_PUMPED);
  eventsComeInsideWaitAndClose(0);
  eventsComeInsideWaitAndClose(T2I_OPEN_PUMPED);
  onlySoManyEventsAreTold();
  aCallbackMayDoWhatDoesNotWait(0);
  aCallbackMayDoWhatDoesNotWait(T2I_OPEN_PUMPED);
  aCallbackMayDoWhatDoesNotWait(T2I_OPEN_EVENTS_ON_LIB_THREAD);
  eventsComeOnTheLibrarysThread();
  aSecondPumpIsToldThatOneIsUnderWay();
  twoWaitersBothReturn(0);
  twoWaitersBothReturn(T2I_OPEN_PUMPED);
  aSecondWaiterSleepsMeanwhile();
  afterCloseNoCallbackComes(0);
  afterCloseNoCallbackComes(T2I_OPEN_PUMPED);
  afterCloseNoCallbackComes(T2I_OPEN_EVENTS_ON_LIB_THREAD);
  aCheaperCatalogueIsLogged();
  return finish();
}
