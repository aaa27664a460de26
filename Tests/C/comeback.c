/* Tasks of a provider of the host's whose process is killed: what costs nothing is begun again, what is paid for is taken
 * up by its token, and what has none is AMBIGUOUS. The program runs itself for each life that is to end early. */
#include "check.h"

typedef struct mill {
  int starts, resumes, finishes, cancels, answer;
  int64_t price;
  int die, names; /* in start; a token: 1 in start, 2 later */
  char token[64];
  t2i_job job;
} mill;

static unsigned char png[600];
static mill me;

static void die(void) { kill(getpid(), SIGKILL); }

static void give(t2i_job job, const char *detail) {
  CHECK_OK(t2i_job_output(job, png, sizeof png, NULL));
  CHECK_OK(t2i_job_finish(job, T2I_OK, detail, detail ? T2I_NTS : 0));
}

static t2i_status T2I_CALL mill_check(void *self, const char *req, size_t len, int64_t *millicredits, t2i_error *error) {
  (void)self, (void)req, (void)len, (void)error;
  *millicredits = me.price;
  return T2I_OK;
}

static t2i_status T2I_CALL mill_start(void *self, t2i_job job, const char *req, size_t len, t2i_error *error) {
  (void)self, (void)len, (void)error;
  CHECK(has(req, "a fox"));
  me.job = job;
  add(&me.starts);
  if (me.die) die();
  if (me.names == 1) CHECK_OK(t2i_job_progress(job, 1, "sack 7", T2I_NTS));
  if (me.finishes) give(job, NULL);
  return T2I_OK;
}

static t2i_status T2I_CALL mill_resume(void *self, t2i_job job, const char *token, size_t len, t2i_error *error) {
  (void)self;
  CHECK(strlen(token) == len);
  snprintf(me.token, sizeof me.token, "%s", token);
  me.job = job;
  add(&me.resumes);
  if (me.answer == 1 && me.resumes < 3) return error->flags = T2I_ERR_RETRYABLE, T2I_E_NETWORK;
  if (me.answer == 2) return T2I_E_GONE;
  if (me.answer == 3) return T2I_OK;
  CHECK_OK(t2i_job_progress(job, 900, token, len));
  CHECK_STATUS(T2I_E_STATE, t2i_job_progress(job, 900, "another", T2I_NTS));
  give(job, "{\"millicredits\":40}");
  return T2I_OK;
}

static void T2I_CALL mill_cancel(void *self, t2i_job job) {
  (void)self;
  CHECK(job == me.job);
  add(&me.cancels);
}

/* `journal` is a file of its own for each test. */
static t2i_client open_mill(const char *name, const char *journal) {
  t2i_provider provider = T2I_PROVIDER_INIT;
  provider.name = name, provider.check = mill_check, provider.start = mill_start, provider.resume = mill_resume;
  provider.cancel = mill_cancel;
  t2i_client client = open_client(
      text("{\"provider\":\"%s\",\"journal\":\"%s.sqlite\",\"budget\":{\"maxMillicredits\":100,\"scope\":\"journal\"}}",
           name, journal), 0);
  must(t2i_provider_add(client, &provider, &err), "provider_add");
  return client;
}

static t2i_task submit_keyed(t2i_client client) {
  t2i_submit_opts opts = T2I_SUBMIT_OPTS_INIT;
  t2i_task task = 0;
  opts.dedupe_key = "fox", opts.dedupe_key_len = 3;
  must(t2i_submit(client, FOX, T2I_NTS, &opts, &task, &err), "submit");
  return task;
}

static void until(t2i_client client, t2i_task task, int32_t state) {
  for (int64_t end = now_ms() + slowly(5000); state_of(client, task) != state && now_ms() < end;) rest_ms(1);
  CHECK(state_of(client, task) == state);
}

/* The life of a process that is killed. */
static void life(const char *name) {
  me.price = has(name, "paid") ? 50 : 0;
  me.die = has(name, "in-start");
  me.names = has(name, "named") ? 1 : has(name, "late") ? 2 : 0;
  me.finishes = has(name, "finished");
  t2i_client client = open_mill("mill", name);
  t2i_task task = submit_keyed(client);
  if (me.finishes) {
    CHECK_OK(ended(client, task));
    die();
  }
  for (int64_t end = now_ms() + slowly(5000); me.starts < 1 && now_ms() < end;) rest_ms(1);
  if (me.names == 2) CHECK_OK(t2i_job_progress(me.job, 1, "sack 7", T2I_NTS));
  CHECK_OK(t2i_job_progress(me.job, 500, NULL, 0));
  until(client, task, T2I_S_RUNNING);
  die();
}

static void live(const char *name) {
  pid_t child = fork();
  if (child == 0) {
    execl("/proc/self/exe", "comeback", name, (char *)NULL);
    _exit(127);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  memset(&me, 0, sizeof me);
  me.price = has(name, "paid") ? 50 : 0;
}

static size_t recoverable(t2i_client client) {
  size_t count = 99;
  CHECK_OK(t2i_recover(client, NULL, 0, &count, &err));
  return count;
}

static t2i_task recovered(t2i_client client) {
  t2i_task task = 0;
  size_t count = 0;
  CHECK(recoverable(client) == 1);
  CHECK_OK(t2i_recover(client, &task, 1, &count, &err));
  CHECK(count == 1 && task != 0);
  return task;
}

static const char *json_of(t2i_client client, t2i_task task) {
  char *json = NULL;
  size_t length = 0;
  CHECK_OK(t2i_task_json(client, task, &json, &length, &err));
  const char *copy = text("%s", json ? json : "");
  t2i_free(json);
  return copy;
}

static void whatIsFreeIsBegunAgain(const char *name) {
  live(name);
  t2i_client client = open_mill("mill", name);
  me.finishes = 1;
  t2i_task task = recovered(client);
  CHECK_OK(ended(client, task));
  CHECK(me.starts == 1 && me.resumes == 0);
  CHECK(submit_keyed(client) == task);
  close_client(client);
}

static void whatIsPaidAndHasNoNameIsAmbiguous(const char *name) {
  live(name);
  t2i_client client = open_mill("mill", name);
  t2i_task task = recovered(client);
  CHECK_STATUS(T2I_E_AMBIGUOUS, ended(client, task));
  CHECK((err.flags & T2I_ERR_MAY_HAVE_SPENT) != 0 && has(json_of(client, task), "\"reserved\":50"));
  CHECK(state_of(client, task) == T2I_S_AMBIGUOUS && me.starts == 0 && me.resumes == 0);
  me.price = 51;
  CHECK_REFUSED(T2I_E_BUDGET, "/budget", t2i_submit(client, "{\"promptText\":\"a fox and an owl\"}", T2I_NTS, NULL, &task, E));
  task = 0;
  size_t count = 0;
  CHECK_OK(t2i_task_list(client, &task, 1, &count, &err));
  CHECK_OK(t2i_settle(client, task, NULL, 0, &err));
  me.finishes = 1;
  task = submit(client, "{\"promptText\":\"a fox and an owl\",\"ratio\":\"64:64\"}");
  CHECK_OK(ended(client, task));
  close_client(client);
}

static void whatIsPaidIsTakenUpByItsName(const char *name) {
  live(name);
  t2i_client client = open_mill("mill", name);
  me.answer = has(name, "again");
  t2i_task task = recovered(client);
  CHECK_OK(ended(client, task));
  CHECK(me.starts == 0 && me.resumes == (me.answer ? 3 : 1) && strcmp(me.token, "sack 7") == 0);
  CHECK(has(json_of(client, task), "\"token\":\"mill:sack 7\"") && has(json_of(client, task), "\"spent\":40"));
  CHECK(submit_keyed(client) == task);
  close_client(client);
}

static void aNameThatMeansNothingFails(void) {
  live("paid-named-gone");
  t2i_client client = open_mill("mill", "paid-named-gone");
  me.answer = 2;
  CHECK_STATUS(T2I_E_GONE, ended(client, recovered(client)));
  CHECK(recoverable(client) == 0);
  close_client(client);
}

/* Nobody but the host can stop what an earlier process began. */
static void aCancelReachesIt(void) {
  live("paid-named-cancel");
  t2i_client client = open_mill("mill", "paid-named-cancel");
  me.answer = 3;
  t2i_task task = recovered(client);
  CHECK_OK(t2i_task_cancel(client, task, T2I_CANCEL_REMOTE, &err));
  CHECK_STATUS(T2I_E_CANCELLED, ended(client, task));
  CHECK((err.flags & T2I_ERR_MAY_HAVE_SPENT) != 0 && me.resumes == 1 && me.cancels == 1 && me.starts == 0);
  close_client(client);
}

static void theKeyFindsIt(void) {
  live("paid-named-key");
  t2i_client client = open_mill("mill", "paid-named-key");
  CHECK_OK(ended(client, submit_keyed(client)));
  CHECK(me.starts == 0 && me.resumes == 1);
  close_client(client);
}

/* The picture was made and nobody got it: it is asked for once more, and not paid for. */
static void aPictureThatNobodyHasIsMadeAvailable(void) {
  live("paid-named-finished");
  t2i_client client = open_mill("mill", "paid-named-finished");
  t2i_task task = recovered(client);
  CHECK_OK(ended(client, task));
  CHECK(me.starts == 0 && me.resumes == 0);
  void *data = NULL;
  size_t length = 0;
  CHECK_OK(t2i_output_read(client, task, 0, slowly(5000), &data, &length, &err));
  CHECK(me.resumes == 1 && length == sizeof png);
  t2i_free(data);
  CHECK_OK(t2i_task_close(client, task));
  CHECK(recoverable(client) == 0);
  close_client(client);
}

static void aStrangerSeesNothingOfIt(void) {
  live("paid-stranger");
  t2i_client client = open_mill("another", "paid-stranger");
  CHECK(recoverable(client) == 0);
  close_client(client);
}

/* A task whose handle stops watching goes on at the host's service; its job here is over. */
static void whatNobodyWatchesIsDetached(void) {
  memset(&me, 0, sizeof me);
  me.price = 50, me.names = 1;
  t2i_client client = open_mill("mill", "detached");
  t2i_task task = submit_keyed(client);
  until(client, task, T2I_S_RUNNING);
  CHECK_OK(t2i_task_cancel(client, task, T2I_CANCEL_LOCAL, &err));
  CHECK_STATUS(T2I_E_CANCELLED, ended(client, task));
  CHECK(state_of(client, task) == T2I_S_DETACHED);
  CHECK_STATUS(T2I_E_HANDLE, t2i_job_progress(me.job, 1, NULL, 0));
  CHECK_OK(t2i_task_close(client, task));
  t2i_task again = 0;
  CHECK_OK(t2i_resume(client, "mill:sack 7", T2I_NTS, NULL, &again, &err));
  CHECK_OK(ended(client, again));
  CHECK(me.starts == 1 && me.resumes == 1);
  close_client(client);
}

int main(int argc, char **argv) {
  begin();
  make_picture(png, sizeof png, 5);
  if (argc > 1) life(argv[1]);
  whatIsFreeIsBegunAgain("free-in-start");
  whatIsFreeIsBegunAgain("free");
  whatIsPaidAndHasNoNameIsAmbiguous("paid-in-start");
  whatIsPaidAndHasNoNameIsAmbiguous("paid");
  whatIsPaidIsTakenUpByItsName("paid-named");
  whatIsPaidIsTakenUpByItsName("paid-late");
  whatIsPaidIsTakenUpByItsName("paid-named-again");
  aNameThatMeansNothingFails();
  aCancelReachesIt();
  theKeyFindsIt();
  aPictureThatNobodyHasIsMadeAvailable();
  aStrangerSeesNothingOfIt();
  whatNobodyWatchesIsDetached();
  return finish();
}
