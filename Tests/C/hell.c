/* Providers of the host's that do everything wrong: from many threads, inside their own calls, after the end, or not at
 * all. The client stays usable, and closes. In a pumped client and in one with the library's own thread. */
#include "check.h"

#define CONFIG "{\"provider\":\"hell\",\"journal\":null}"

typedef struct hell {
  t2i_client client;
  t2i_job job;
  t2i_task other;
  int calls, releases, cancels, checks, answers, stop;
  int (*script)(struct hell *hell, t2i_job job);
} hell;

static hell fresh(void) {
  hell new_one;
  memset(&new_one, 0, sizeof new_one);
  return new_one;
}

static uint32_t flags;
static unsigned char png[600];

static t2i_status T2I_CALL hell_start(void *self, t2i_job job, const char *req, size_t len, t2i_error *error) {
  hell *me = (hell *)self;
  (void)req, (void)len, (void)error;
  me->job = job;
  if (me->script) set(&me->answers, me->script(me, job));
  add(&me->calls);
  return T2I_OK;
}

static void T2I_CALL hell_cancel(void *self, t2i_job job) {
  (void)job;
  add(&((hell *)self)->cancels);
}

static void T2I_CALL hell_release(void *self) { add(&((hell *)self)->releases); }

static void open_hell(hell *me, t2i_provider *provider) {
  provider->name = "hell", provider->self = me;
  provider->start = hell_start, provider->cancel = hell_cancel, provider->release = hell_release;
  me->client = open_client(CONFIG, flags);
  must(t2i_provider_add(me->client, provider, &err), "provider_add");
}

static hell *enter(hell *me, int (*script)(hell *, t2i_job)) {
  t2i_provider provider = T2I_PROVIDER_INIT;
  me->script = script;
  open_hell(me, &provider);
  return me;
}

static void turn_until(hell *me, const int *word, int wanted) {
  for (int64_t end = now_ms() + slowly(5000); get(word) < wanted && now_ms() < end; rest_ms(1))
    if (flags && t2i_client_pump(me->client, 0, 0, NULL, &err) < 0) break;
  CHECK(get(word) >= wanted);
}

static void leave(hell *me) {
  CHECK(me->releases == 0);
  close_client(me->client);
  CHECK(me->releases == 1);
}

/* ---- inside start ---- */

static int call_everything(hell *me, t2i_job job) {
  t2i_client c = me->client;
  t2i_provider provider = T2I_PROVIDER_INIT;
  t2i_event event = T2I_EVENT_INIT;
  t2i_task_info info = T2I_TASK_INFO_INIT;
  char *json = NULL;
  void *data = NULL;
  size_t length = 0, count = 0;
  t2i_task all[8];
  CHECK_OK(t2i_task_list(c, all, 8, &count, &err));
  t2i_task task = all[count - 1];
  CHECK_OK(t2i_task_get(c, task, &info, &err));
  CHECK(info.state == T2I_S_QUEUED || info.state == T2I_S_SUBMITTING);
  CHECK_OK(t2i_task_json(c, task, &json, &length, &err));
  t2i_free(json);
  CHECK_OK(t2i_check(c, FOX, T2I_NTS, &json, &length, &err));
  t2i_free(json);
  CHECK_OK(t2i_client_stats(c, &json, &length, &err));
  t2i_free(json);
  /* A wake of an earlier job may still be there. */
  while (t2i_wait(c, &task, 1, T2I_WAIT_ALL, 0, NULL, &err) == T2I_WOKEN) {}
  CHECK_REFUSED(T2I_E_REENTRANT, "", t2i_wait(c, &task, 1, T2I_WAIT_ALL, T2I_FOREVER, NULL, E));
  CHECK_STATUS(T2I_TIMEOUT, t2i_wait(c, &task, 1, T2I_WAIT_ALL, 0, NULL, &err));
  CHECK_REFUSED(T2I_E_REENTRANT, "", t2i_output_read(c, task, 0, T2I_FOREVER, &data, &length, E));
  CHECK_REFUSED(T2I_E_REENTRANT, "", t2i_output_save(c, task, 0, "x.png", T2I_NTS, 0, T2I_FOREVER, E));
  while (t2i_next_event(c, &event, 0, &err) == T2I_OK) {}
  CHECK_REFUSED(T2I_E_REENTRANT, "", t2i_next_event(c, &event, T2I_FOREVER, E));
  CHECK_REFUSED(T2I_E_REENTRANT, "", t2i_client_pump(c, 0, 0, NULL, E));
  CHECK_REFUSED(T2I_E_REENTRANT, "c", t2i_client_close(c, T2I_FOREVER, E));
  CHECK_STATUS(T2I_TIMEOUT, t2i_shutdown(0, &json, &length));
  CHECK(has(json, "inside a function of the provider"));
  t2i_free(json);
  provider.name = "hell", provider.start = hell_start;
  CHECK_REFUSED(T2I_E_EXISTS, "p", t2i_provider_add(c, &provider, E));
  CHECK_OK(t2i_client_wake(c));
  if (me->other == 0) CHECK_OK(t2i_submit(c, FOX, T2I_NTS, NULL, &me->other, &err));
  CHECK_OK(t2i_job_output(job, png, sizeof png, NULL));
  CHECK_OK(t2i_job_finish(job, T2I_OK, NULL, 0));
  return 1;
}

static void insideStartNothingHangs(void) {
  hell me = fresh();
  enter(&me, call_everything);
  t2i_task task = submit(me.client, FOX);
  for (t2i_status s = T2I_WOKEN; s == T2I_WOKEN;)
    s = t2i_wait(me.client, &task, 1, T2I_WAIT_ALL, slowly(20000), NULL, &err);
  turn_until(&me, &me.calls, 2);
  CHECK_OK(ended(me.client, task));
  CHECK_OK(ended(me.client, me.other));
  leave(&me);
}

static int take_another_client(hell *me, t2i_job job) {
  t2i_client sketch = open_client(SKETCH, 0);
  CHECK_OK(ended(sketch, submit(sketch, FOX)));
  close_client(sketch);
  CHECK_OK(t2i_job_finish(job, T2I_E_FAILED, NULL, 0));
  (void)me;
  return 1;
}

static void anotherClientMayBeWaitedForInside(void) {
  hell me = fresh();
  enter(&me, take_another_client);
  CHECK_STATUS(T2I_E_FAILED, ended(me.client, submit(me.client, FOX)));
  leave(&me);
}

/* ---- from many threads ---- */

static void *hammer(void *argument) {
  hell *me = (hell *)argument;
  int wrong = 0;
  while (!get(&me->stop)) {
    for (int permille = -7; permille <= 5000 && !get(&me->stop); permille += 3) {
      t2i_status wanted = permille < -1 || permille > 1000 ? T2I_E_ARG : T2I_OK;
      wrong += t2i_job_progress(me->job, permille, NULL, 0) != wanted && !get(&me->stop);
    }
  }
  CHECK(wrong == 0);
  if (t2i_job_output(me->job, png, sizeof png, NULL) == T2I_OK) add(&me->answers);
  if (t2i_job_finish(me->job, T2I_OK, NULL, 0) == T2I_OK) add(&me->checks);
  return NULL;
}

static void eightThreadsTellOneJob(void) {
  hell me = fresh();
  pthread_t threads[8];
  enter(&me, NULL);
  t2i_task task = submit(me.client, FOX);
  turn_until(&me, &me.calls, 1);
  for (int i = 0; i < 8; i++) threads[i] = start(hammer, &me);
  int64_t begun = now_ms();
  int told = 0;
  while (told < 10 && now_ms() < begun + slowly(10000)) {
    t2i_event event = T2I_EVENT_INIT;
    if (t2i_next_event(me.client, &event, 10, &err) == T2I_OK) told += event.kind == T2I_EV_PROGRESS;
  }
  /* 50 a second, and not one for each of many thousand calls. */
  CHECK(told == 10 && now_ms() - begun >= 150);
  set(&me.stop, 1);
  for (int i = 0; i < 8; i++) pthread_join(threads[i], NULL);
  CHECK(me.checks == 1 && me.answers >= 1);
  CHECK_OK(ended(me.client, task));
  leave(&me);
}

static void *tell_on(void *argument) {
  hell *me = (hell *)argument;
  while (t2i_job_progress(me->job, 1, NULL, 0) == T2I_OK) {}
  set(&me->stop, 2);
  return NULL;
}

static void aThreadLearnsThatItsClientIsGone(void) {
  hell me = fresh();
  enter(&me, NULL);
  (void)submit(me.client, FOX);
  turn_until(&me, &me.calls, 1);
  pthread_t thread = start(tell_on, &me);
  rest_ms(20);
  leave(&me);
  pthread_join(thread, NULL);
  CHECK(me.stop == 2 && me.cancels == 1);
}

/* ---- closing ---- */

static t2i_status T2I_CALL slow_check(void *self, const char *req, size_t len, int64_t *millicredits, t2i_error *error) {
  hell *me = (hell *)self;
  (void)req, (void)len, (void)millicredits, (void)error;
  CHECK_REFUSED(T2I_E_REENTRANT, "c", t2i_client_close(me->client, 0, E));
  add(&me->checks);
  came(&me->stop);
  return T2I_OK;
}

static void *check_slowly(void *argument) {
  hell *me = (hell *)argument;
  char *report = NULL;
  size_t length = 0;
  CHECK_OK(t2i_check(me->client, FOX, T2I_NTS, &report, &length, &err));
  t2i_free(report);
  return NULL;
}

static void aClientWaitsForItsChecks(void) {
  hell me = fresh();
  t2i_provider provider = T2I_PROVIDER_INIT;
  provider.check = slow_check;
  open_hell(&me, &provider);
  pthread_t threads[3];
  for (int i = 0; i < 3; i++) threads[i] = start(check_slowly, &me);
  for (int64_t end = now_ms() + slowly(5000); get(&me.checks) < 3 && now_ms() < end;) rest_ms(1);
  CHECK(me.checks == 3);
  CHECK_STATUS(T2I_TIMEOUT, t2i_client_close(me.client, 20, &err));
  t2i_task task = 0;
  CHECK_REFUSED(T2I_E_CLOSED, "c", t2i_submit(me.client, FOX, T2I_NTS, NULL, &task, E));
  CHECK(me.releases == 0);
  set(&me.stop, 1);
  leave(&me);
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
}

static void aThousandJobsThatNobodyFinishes(void) {
  hell me = fresh();
  int threads = thread_count(), descriptors = descriptor_count();
  enter(&me, NULL);
  for (int i = 0; i < 1000; i++) (void)submit(me.client, FOX);
  turn_until(&me, &me.calls, 1000);
  leave(&me);
  CHECK(me.cancels == 1000 && has_threads(threads) && descriptor_count() == descriptors);
}

static void *finish_soon(void *argument) {
  hell *me = (hell *)argument;
  rest_ms(30);
  CHECK_OK(t2i_job_output(me->job, png, sizeof png, NULL));
  CHECK_OK(t2i_job_finish(me->job, T2I_OK, NULL, 0));
  return NULL;
}

/* Who sleeps in poll is woken by another thread's word, pumped or not. */
static void theDescriptorTells(void) {
  hell me = fresh();
  intptr_t descriptor = -1;
  t2i_event event = T2I_EVENT_INIT;
  enter(&me, NULL);
  CHECK_OK(t2i_client_fd(me.client, &descriptor, &err));
  (void)submit(me.client, FOX);
  turn_until(&me, &me.calls, 1);
  pthread_t thread = start(finish_soon, &me);
  for (int64_t end = now_ms() + slowly(5000); event.kind != T2I_EV_FINAL && now_ms() < end;) {
    if (!is_readable(descriptor, slowly(5000))) break;
    if (flags && t2i_client_pump(me.client, 0, 0, NULL, &err) < 0) break;
    while (t2i_next_event(me.client, &event, 0, &err) == T2I_OK && event.kind != T2I_EV_FINAL) {}
  }
  pthread_join(thread, NULL);
  CHECK(event.kind == T2I_EV_FINAL && event.state == T2I_S_SUCCEEDED);
  leave(&me);
}

static void aForkedChildIsRefused(void) {
  hell me = fresh();
  int status = 0;
  enter(&me, NULL);
  (void)submit(me.client, FOX);
  turn_until(&me, &me.calls, 1);
  pid_t child = fork();
  if (child == 0) {
    t2i_provider provider = T2I_PROVIDER_INIT;
    int all = t2i_job_progress(me.job, 1, NULL, 0) == T2I_E_FORKED &&
              t2i_job_output(me.job, png, sizeof png, NULL) == T2I_E_FORKED &&
              t2i_job_finish(me.job, T2I_OK, NULL, 0) == T2I_E_FORKED &&
              t2i_provider_add(me.client, &provider, NULL) == T2I_E_FORKED;
    _exit(all ? 0 : 1);
  }
  CHECK(waitpid(child, &status, 0) == child && status == 0);
  CHECK_OK(t2i_job_progress(me.job, 1, NULL, 0));
  leave(&me);
}

static void aCloseBeforeAnythingWasAdded(void) {
  t2i_client client = open_client(CONFIG, flags);
  close_client(client);
  hell me = fresh();
  enter(&me, NULL);
  leave(&me);
}

int main(void) {
  begin();
  make_picture(png, sizeof png, 9);
  for (flags = 0; flags <= T2I_OPEN_PUMPED; flags++) {
    insideStartNothingHangs();
    anotherClientMayBeWaitedForInside();
    eightThreadsTellOneJob();
    aThreadLearnsThatItsClientIsGone();
    aClientWaitsForItsChecks();
    aThousandJobsThatNobodyFinishes();
    theDescriptorTells();
    aForkedChildIsRefused();
    aCloseBeforeAnythingWasAdded();
  }
  return finish();
}
