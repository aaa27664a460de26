/* A provider of the host's, as its author writes one: what it is asked, what it may say, and what it is told when it
 * says it wrongly, late or twice. Every test runs with a pumped client and with one of the library's own thread. */
#include "check.h"

#define CONFIG "{\"provider\":\"mill\",\"journal\":null,\"maxOutputBytes\":2000000}"

/* What the provider does, and what it saw. */
typedef struct mill {
  int calls, checks, cancels, releases;
  t2i_job jobs[64];
  char req[2048];
  int64_t price;
  t2i_status (*script)(struct mill *mill, t2i_job job, t2i_error *err);
  t2i_client client;
  int answer;
} mill;

static mill fresh(void) {
  mill new_one;
  memset(&new_one, 0, sizeof new_one);
  return new_one;
}

static uint32_t flags;
static unsigned char png[600];

static void say(t2i_error *error, t2i_status status, const char *where, const char *message) {
  error->status = status;
  snprintf(error->where, sizeof error->where, "%s", where);
  snprintf(error->message, sizeof error->message, "%s", message);
}

static t2i_status T2I_CALL mill_check(void *self, const char *req, size_t len, int64_t *millicredits, t2i_error *error) {
  mill *me = (mill *)self;
  add(&me->checks);
  CHECK(strlen(req) == len && error->struct_size == sizeof *error);
  *millicredits = me->price;
  if (!has(req, "forbidden")) return T2I_OK;
  say(error, T2I_E_MODERATED, "/promptText", "this word is not milled here");
  return T2I_E_MODERATED;
}

static t2i_status T2I_CALL mill_start(void *self, t2i_job job, const char *req, size_t len, t2i_error *error) {
  mill *me = (mill *)self;
  CHECK(strlen(req) == len);
  snprintf(me->req, sizeof me->req, "%s", req);
  me->jobs[get(&me->calls) % 64] = job;
  add(&me->calls);
  return me->script ? me->script(me, job, error) : T2I_OK;
}

static void T2I_CALL mill_cancel(void *self, t2i_job job) {
  mill *me = (mill *)self;
  CHECK(job != 0);
  add(&me->cancels);
  if (me->answer) CHECK_OK(t2i_job_finish(job, T2I_E_CANCELLED, "{\"millicredits\":7}", T2I_NTS));
}

static void T2I_CALL mill_release(void *self) { add(&((mill *)self)->releases); }

static t2i_provider vtable(mill *me) {
  t2i_provider provider = T2I_PROVIDER_INIT;
  provider.name = "mill", provider.self = me;
  provider.check = mill_check, provider.start = mill_start;
  provider.cancel = mill_cancel, provider.release = mill_release;
  return provider;
}

static t2i_client open_mill(mill *me) {
  t2i_provider provider = vtable(me);
  me->client = open_client(CONFIG, flags);
  must(t2i_provider_add(me->client, &provider, &err), "provider_add");
  return me->client;
}

static void close_mill(mill *me) {
  CHECK(me->releases == 0);
  close_client(me->client);
  CHECK(me->releases == 1);
}

/* Until a word of the provider's has come so far, whoever turns the client. */
static void turn_until(mill *me, const int *word, int wanted) {
  for (int64_t end = now_ms() + slowly(5000); get(word) < wanted && now_ms() < end; rest_ms(1))
    if (flags && t2i_client_pump(me->client, 0, 0, NULL, &err) < 0) break;
  CHECK(get(word) >= wanted);
}

static void reach(mill *me, int calls) { turn_until(me, &me->calls, calls); }

static t2i_status give_one(mill *me, t2i_job job, t2i_error *error) {
  (void)me, (void)error;
  CHECK_OK(t2i_job_progress(job, 500, NULL, 0));
  CHECK_OK(t2i_job_output(job, png, sizeof png, "image/png"));
  CHECK_OK(t2i_job_finish(job, T2I_OK, NULL, 0));
  CHECK_STATUS(T2I_E_HANDLE, t2i_job_finish(job, T2I_OK, NULL, 0));
  CHECK_STATUS(T2I_E_HANDLE, t2i_job_output(job, png, sizeof png, NULL));
  CHECK_STATUS(T2I_E_HANDLE, t2i_job_progress(job, 1, NULL, 0));
  return T2I_OK;
}

static void itPaints(void) {
  mill me = fresh();
  me.script = give_one;
  t2i_client client = open_mill(&me);
  t2i_task task = submit(client, FOX);
  CHECK_OK(ended(client, task));
  CHECK(has(me.req, "\"promptText\":\"a fox\"") && has(me.req, "\"ratio\":\"64:64\"") && me.checks == 1);
  t2i_output_info info = T2I_OUTPUT_INFO_INIT;
  CHECK_OK(t2i_output_get(client, task, 0, &info, &err));
  CHECK(info.width == 64 && info.height == 64 && info.bytes_total == sizeof png && !strcmp(info.mime, "image/png"));
  void *data = NULL;
  size_t length = 0;
  CHECK_OK(t2i_output_read(client, task, 0, 0, &data, &length, &err));
  CHECK(length == sizeof png && memcmp(data, png, length) == 0);
  t2i_free(data);
  t2i_task_info about = T2I_TASK_INFO_INIT;
  CHECK_OK(t2i_task_get(client, task, &about, &err));
  CHECK(about.state == T2I_S_SUCCEEDED && about.millicredits_spent == 0 && about.output_count == 1);
  close_mill(&me);
}

static void itIsAddedOnceByItsName(void) {
  mill me = fresh();
  t2i_client client = open_client(CONFIG, flags), sketch = open_client(SKETCH, flags);
  t2i_provider provider = vtable(&me);
  t2i_task task = 0;
  size_t count = 0;
  CHECK_REFUSED(T2I_E_STATE, "c", t2i_submit(client, FOX, T2I_NTS, NULL, &task, E));
  CHECK_REFUSED(T2I_E_STATE, "c", t2i_resume(client, "mill:x", T2I_NTS, NULL, &task, E));
  CHECK_REFUSED(T2I_E_STATE, "c", t2i_recover(client, NULL, 0, &count, E));
  CHECK_REFUSED(T2I_E_ARG, "p", t2i_provider_add(client, NULL, E));
  CHECK_REFUSED(T2I_E_STATE, "c", t2i_provider_add(sketch, &provider, E));
  provider.name = "other";
  CHECK_REFUSED(T2I_E_ARG, "p.name", t2i_provider_add(client, &provider, E));
  provider.name = NULL;
  CHECK_REFUSED(T2I_E_ARG, "p.name", t2i_provider_add(client, &provider, E));
  provider.name = "mill", provider.flags = 1;
  CHECK_REFUSED(T2I_E_ARG, "p.flags", t2i_provider_add(client, &provider, E));
  provider.flags = 0, provider.start = NULL;
  CHECK_REFUSED(T2I_E_ARG, "p.start", t2i_provider_add(client, &provider, E));
  provider.start = mill_start, provider.struct_size = 8;
  CHECK_REFUSED(T2I_E_STRUCT, "p", t2i_provider_add(client, &provider, E));
  provider.struct_size = sizeof provider;
  CHECK_OK(t2i_provider_add(client, &provider, &err));
  CHECK_REFUSED(T2I_E_EXISTS, "p", t2i_provider_add(client, &provider, E));
  CHECK_REFUSED(T2I_E_UNSUPPORTED, "token", t2i_resume(client, "mill:x", T2I_NTS, NULL, &task, E));
  CHECK_REFUSED(T2I_E_ARG, "token", t2i_resume(client, "runway:x", T2I_NTS, NULL, &task, E));
  CHECK_OK(t2i_recover(client, NULL, 0, &count, &err));
  close_client(sketch);
  close_client(client);
  CHECK(me.releases == 1);
}

static void itsCheckCounts(void) {
  mill me = fresh();
  char *report = NULL;
  size_t length = 0;
  t2i_task task = 0;
  me.price = 1500, me.script = give_one;
  t2i_client client = open_mill(&me);
  CHECK_OK(t2i_check(client, FOX, T2I_NTS, &report, &length, &err));
  CHECK(has(report, "\"ok\":true") && has(report, "\"price\":{\"millicredits\":1500,\"certainty\":\"known\"}"));
  t2i_free(report);
  CHECK_OK(t2i_check(client, "{\"promptText\":\"forbidden\"}", T2I_NTS, &report, &length, &err));
  CHECK(has(report, "\"ok\":false") && has(report, "\"where\":\"/promptText\"") && has(report, "not milled here"));
  t2i_free(report);
  CHECK_REFUSED(T2I_E_MODERATED, "/promptText",
                t2i_submit(client, "{\"promptText\":\"forbidden\"}", T2I_NTS, NULL, &task, E));
  CHECK_REFUSED(T2I_E_ARG, "/promptText", t2i_submit(client, "{}", T2I_NTS, NULL, &task, E));
  t2i_submit_opts most = T2I_SUBMIT_OPTS_INIT;
  most.max_millicredits = 1499;
  CHECK_REFUSED(T2I_E_BUDGET, "opts.max_millicredits", t2i_submit(client, FOX, T2I_NTS, &most, &task, E));
  CHECK(me.calls == 0);
  me.price = -5;
  CHECK_REFUSED(T2I_E_FAILED, "/provider", t2i_submit(client, FOX, T2I_NTS, NULL, &task, E));
  me.price = INT64_MAX;
  CHECK_REFUSED(T2I_E_FAILED, "/provider", t2i_submit(client, FOX, T2I_NTS, NULL, &task, E));
  close_mill(&me);
}

static t2i_status refuse(mill *me, t2i_job job, t2i_error *error) {
  (void)job;
  if (me->answer == 1) memset(error, 0xff, sizeof *error);
  if (me->answer == 2) say(error, T2I_E_CREDITS, "/model", "the mill stands still");
  if (me->answer == 3) error->flags = T2I_ERR_MAY_HAVE_SPENT;
  if (me->answer == 4 && me->calls < 3) error->flags = T2I_ERR_RETRYABLE;
  if (me->answer == 4 && me->calls >= 3) return give_one(me, job, error);
  return me->answer == 5 ? -77777 : T2I_E_CREDITS;
}

static void whatStartRefusesFails(void) {
  mill me = fresh();
  me.script = refuse, me.price = 10;
  t2i_client client = open_mill(&me);
  for (int answer = 0; answer <= 5; answer++) {
    me.answer = answer, me.calls = 0;
    t2i_task task = submit(client, FOX);
    t2i_status status = ended(client, task);
    if (answer == 2) CHECK(has(err.where, "/model") && has(err.message, "stands still"));
    if (answer == 3) CHECK(status == T2I_E_AMBIGUOUS && state_of(client, task) == T2I_S_AMBIGUOUS);
    if (answer == 4) CHECK(status == T2I_OK && me.calls == 3);
    if (answer == 5) CHECK(status == T2I_E_FAILED);
    if (answer == 0 || answer == 2) CHECK(status == T2I_E_CREDITS && strlen(err.message) > 10);
    CHECK(t2i_job_progress(me.jobs[0], 1, NULL, 0) == T2I_E_HANDLE);
    t2i_task_close(client, task);
  }
  close_mill(&me);
}

static void aJobEndsAsItsHostSays(void) {
  mill me = fresh();
  t2i_client client = open_mill(&me);
  static const struct { t2i_status say; const char *detail; int32_t state; const char *part; } ends[] = {
      {T2I_OK, NULL, T2I_S_FAILED, "without a picture"},
      {T2I_E_FAILED, NULL, T2I_S_FAILED, "without a word"},
      {T2I_E_QUOTA, "{\"message\":\"come back tomorrow\",\"millicredits\":3}", T2I_S_FAILED, "tomorrow"},
      {T2I_E_CANCELLED, "{}", T2I_S_CANCELLED, "cancelled"},
  };
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    me.calls = 0;
    t2i_task task = submit(client, FOX);
    reach(&me, 1);
    t2i_job job = me.jobs[0];
    CHECK_STATUS(T2I_E_ARG, t2i_job_finish(job, 1, NULL, 0));
    CHECK_STATUS(T2I_E_ARG, t2i_job_finish(job, -100, NULL, 0));
    CHECK_STATUS(T2I_E_ARG, t2i_job_finish(job, T2I_OK, "{\"milicredits\":3}", T2I_NTS));
    CHECK_STATUS(T2I_E_ARG, t2i_job_finish(job, T2I_OK, "{\"millicredits\":-3}", T2I_NTS));
    CHECK_STATUS(T2I_E_ARG, t2i_job_finish(job, T2I_OK, "[]", T2I_NTS));
    CHECK_STATUS(T2I_E_JSON, t2i_job_finish(job, T2I_OK, "{", T2I_NTS));
    CHECK_STATUS(T2I_E_ARG, t2i_job_finish(job, T2I_OK, "{}", 0));
    CHECK_OK(t2i_job_finish(job, ends[i].say, ends[i].detail, ends[i].detail ? T2I_NTS : 0));
    t2i_status status = ended(client, task);
    CHECK(status == (ends[i].say ? ends[i].say : T2I_E_FAILED) && has(err.message, ends[i].part));
    CHECK(state_of(client, task) == ends[i].state);
    t2i_task_info about = T2I_TASK_INFO_INIT;
    CHECK_OK(t2i_task_get(client, task, &about, &err));
    CHECK(about.millicredits_spent == (ends[i].say == T2I_E_QUOTA ? 3 : 0));
  }
  close_mill(&me);
}

static void anOutputIsLookedAt(void) {
  mill me = fresh();
  t2i_client client = open_mill(&me);
  t2i_task task = submit(client, FOX);
  reach(&me, 1);
  t2i_job job = me.jobs[0];
  CHECK_STATUS(T2I_E_ARG, t2i_job_output(job, NULL, 600, NULL));
  CHECK_STATUS(T2I_E_ARG, t2i_job_output(job, png, 0, NULL));
  CHECK_STATUS(T2I_E_LIMIT, t2i_job_output(job, png, SIZE_MAX, NULL));
  CHECK_STATUS(T2I_E_LIMIT, t2i_job_output(job, png, 2000001, NULL));
  CHECK_STATUS(T2I_E_ARG, t2i_job_output(job, png + 1, sizeof png - 1, NULL));
  CHECK_STATUS(T2I_E_ARG, t2i_job_output(job, png, 20, NULL));
  CHECK_STATUS(T2I_E_ARG, t2i_job_output(job, png, sizeof png, "image/jpeg"));
  CHECK_STATUS(T2I_E_UNSUPPORTED, t2i_job_output(job, png, sizeof png, "image/x-rgba"));
  for (int i = 0; i < 64; i++) CHECK_OK(t2i_job_output(job, png, sizeof png, NULL));
  CHECK_STATUS(T2I_E_LIMIT, t2i_job_output(job, png, sizeof png, NULL));
  CHECK_OK(t2i_job_finish(job, T2I_OK, NULL, 0));
  CHECK_OK(ended(client, task));
  t2i_task_info about = T2I_TASK_INFO_INIT;
  CHECK_OK(t2i_task_get(client, task, &about, &err));
  CHECK(about.output_count == 64);
  close_mill(&me);
}

static void progressIsTold(void) {
  mill me = fresh();
  t2i_client client = open_mill(&me);
  t2i_task task = submit(client, FOX);
  t2i_task_info about = T2I_TASK_INFO_INIT;
  reach(&me, 1);
  CHECK_STATUS(T2I_E_ARG, t2i_job_progress(me.jobs[0], 5000, NULL, 0));
  CHECK_STATUS(T2I_E_ARG, t2i_job_progress(me.jobs[0], -7, NULL, 0));
  CHECK_STATUS(T2I_E_STATE, t2i_job_progress(me.jobs[0], 7, "token", T2I_NTS));
  int taken = 0;
  for (int permille = -1; permille <= 1000; permille++) taken += t2i_job_progress(me.jobs[0], permille, NULL, 0) == T2I_OK;
  CHECK(taken == 1002);
  for (int64_t end = now_ms() + slowly(5000); about.progress_permille != 1000 && now_ms() < end; rest_ms(1)) {
    if (t2i_wait(client, &task, 1, T2I_WAIT_ALL, 0, NULL, &err) != T2I_TIMEOUT) break;
    must(t2i_task_get(client, task, &about, &err), "task_get");
  }
  CHECK(about.state == T2I_S_RUNNING && about.progress_permille == 1000);
  close_mill(&me);
}

/* Of a task that ended with its client the handle is as dead as the client's. */
static void handlesOutliveNothing(void) {
  static const uint64_t forged[] = {0, 1, 42, UINT64_MAX, (uint64_t)3 << 50, (uint64_t)1 << 50, (uint64_t)3 << 50 | 5};
  mill me = fresh();
  t2i_client client = open_mill(&me);
  t2i_task task = submit(client, FOX);
  reach(&me, 1);
  t2i_job job = me.jobs[0];
  CHECK_STATUS(T2I_E_HANDLE, t2i_job_progress(task, 1, NULL, 0));
  CHECK_STATUS(T2I_E_HANDLE, t2i_job_progress(client, 1, NULL, 0));
  CHECK_STATUS(T2I_E_HANDLE, t2i_task_cancel(client, job, T2I_CANCEL_REMOTE, &err));
  for (size_t i = 0; i < sizeof forged / sizeof *forged; i++) {
    CHECK_STATUS(T2I_E_HANDLE, t2i_job_progress(forged[i], 1, NULL, 0));
    CHECK_STATUS(T2I_E_HANDLE, t2i_job_output(forged[i], png, sizeof png, NULL));
    CHECK_STATUS(T2I_E_HANDLE, t2i_job_finish(forged[i], T2I_OK, NULL, 0));
  }
  CHECK_OK(t2i_job_progress(job, 1, NULL, 0));
  close_mill(&me);
  CHECK(me.cancels == 1);
  CHECK_STATUS(T2I_E_HANDLE, t2i_job_progress(job, 1, NULL, 0));
  CHECK_STATUS(T2I_E_HANDLE, t2i_job_output(job, png, sizeof png, NULL));
  CHECK_STATUS(T2I_E_HANDLE, t2i_job_finish(job, T2I_OK, NULL, 0));
}

static void itIsCancelled(void) {
  mill me = fresh();
  t2i_client client = open_mill(&me);
  for (me.answer = 0; me.answer < 2; me.answer++) {
    me.calls = 0;
    t2i_task task = submit(client, FOX);
    t2i_task_info about = T2I_TASK_INFO_INIT;
    reach(&me, 1);
    CHECK_OK(t2i_task_cancel(client, task, T2I_CANCEL_REMOTE, &err));
    CHECK_STATUS(T2I_E_CANCELLED, ended(client, task));
    CHECK(me.cancels == me.answer + 1);
    CHECK_STATUS(T2I_E_HANDLE, t2i_job_output(me.jobs[0], png, sizeof png, NULL));
    CHECK_OK(t2i_task_get(client, task, &about, &err));
    CHECK(about.state == T2I_S_CANCELLED && about.millicredits_spent == (me.answer ? 7 : -1));
  }
  /* A deadline and a closed handle stop the work too. */
  t2i_submit_opts soon = T2I_SUBMIT_OPTS_INIT;
  t2i_task task = 0;
  soon.deadline_ms = 50, me.answer = 0;
  CHECK_OK(t2i_submit(client, FOX, T2I_NTS, &soon, &task, &err));
  CHECK_STATUS(T2I_E_DEADLINE, ended(client, task));
  CHECK(me.cancels == 3);
  me.calls = 0;
  task = submit(client, FOX);
  reach(&me, 1);
  CHECK_OK(t2i_task_close(client, task));
  turn_until(&me, &me.cancels, 4);
  close_mill(&me);
  CHECK(me.cancels == 4);
}

int main(void) {
  begin();
  make_picture(png, sizeof png, 7);
  for (flags = 0; flags <= T2I_OPEN_PUMPED; flags++) {
    itPaints();
    itIsAddedOnceByItsName();
    itsCheckCounts();
    whatStartRefusesFails();
    aJobEndsAsItsHostSays();
    anOutputIsLookedAt();
    progressIsTold();
    handlesOutliveNothing();
    itIsCancelled();
  }
  return finish();
}
