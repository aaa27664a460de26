/* The log of a client: what is told at which level, on which thread, how much of it, and what is never in it. */
#include "check.h"

#define CANARY "zephyrquartz"
#define SECRETIVE "{\"promptText\":\"a fox called " CANARY "\",\"ratio\":\"64:64\"}"

struct log {
  int records;
  int strangers; /* records on a thread that is not `host` */
  int32_t least; /* the least urgent level that was told */
  uintptr_t host;
  size_t size;
  char all[1 << 20];
};

static struct log *new_log(void) {
  static struct log log;
  memset(&log, 0, sizeof log);
  log.host = (uintptr_t)pthread_self();
  return &log;
}

static void onLog(void *user, int32_t level, const char *json, size_t length) {
  struct log *log = (struct log *)user;
  add(&log->records);
  if ((uintptr_t)pthread_self() != log->host) add(&log->strangers);
  if (level > log->least) log->least = level;
  if (log->size + length + 1 >= sizeof log->all) return;
  memcpy(log->all + log->size, json, length);
  log->size += length;
  log->all[log->size++] = '\n';
}

static t2i_client open_logged(struct log *log, const char *config, int32_t level, uint32_t flags) {
  t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
  options.flags = flags;
  options.on_log = onLog;
  options.on_log_user = log;
  options.log_level = level;
  return open_with(config, &options);
}

/* Every record is an object of its own that says when, how urgent and what. */
static int reads_well(const struct log *log) {
  const char *line = log->all;
  int lines = 0;
  while (*line) {
    const char *end = strchr(line, '\n');
    if (strncmp(line, "{\"at\":1", 7) != 0 || end[-1] != '}') return 0;
    char record[4096];
    snprintf(record, sizeof record, "%.*s", (int)(end - line), line);
    if (!has(record, "\"level\":\"") || !has(record, "\"event\":\"")) return 0;
    lines++;
    line = end + 1;
  }
  return lines == log->records;
}

static void aTasksLifeIsTold(uint32_t flags) {
  struct log *log = new_log();
  t2i_client client = open_logged(log, SKETCH, T2I_LOG_DEBUG, flags);
  t2i_task task = submit(client, SECRETIVE);
  CHECK(ended(client, task) == T2I_OK);
  close_client(client);
  CHECK(reads_well(log) && log->least == T2I_LOG_DEBUG);
  CHECK(has(log->all, "\"event\":\"accepted\"") && has(log->all, "\"event\":\"submitting\""));
  CHECK(has(log->all, "\"event\":\"submitted\"") && has(log->all, "\"token\":\"sketch:"));
  CHECK(has(log->all, "\"event\":\"asked\"") && has(log->all, "\"operation\":\"submit\""));
  CHECK(has(log->all, text("\"task\":%" PRIu64, task)));
  CHECK(has(log->all, "\"event\":\"ended\"") && has(log->all, "\"state\":\"SUCCEEDED\""));
  CHECK(!has(log->all, CANARY));
  CHECK(log->strangers == 0);
}

static void aLevelHidesWhatIsLessUrgent(uint32_t flags) {
  const char *failing = "{\"provider\":\"sketch\",\"simulate\":{\"failureCode\":\"INTERNAL.BAD_OUTPUT\"}}";
  for (int32_t level = T2I_LOG_ERROR; level <= T2I_LOG_DEBUG; level++) {
    struct log *log = new_log();
    t2i_client client = open_logged(log, failing, level, flags);
    CHECK(ended(client, submit(client, SECRETIVE)) == T2I_E_FAILED);
    close_client(client);
    CHECK(log->least <= level);
    CHECK(has(log->all, "\"event\":\"ended\"") == (level >= T2I_LOG_WARN));
    CHECK(has(log->all, "\"event\":\"accepted\"") == (level >= T2I_LOG_INFO));
    CHECK(has(log->all, "\"event\":\"asked\"") == (level >= T2I_LOG_DEBUG));
    CHECK(!has(log->all, CANARY));
  }
}

static void promptsAreToldOnRequest(uint32_t flags) {
  struct log *log = new_log();
  t2i_client client = open_logged(log, "{\"provider\":\"sketch\",\"logPrompts\":true}", T2I_LOG_INFO, flags);
  ended(client, submit(client, SECRETIVE));
  CHECK_OK(t2i_client_set(client, "{\"logPrompts\":false}", T2I_NTS, &err));
  ended(client, submit(client, "{\"promptText\":\"vellichor\",\"ratio\":\"64:64\"}"));
  close_client(client);
  CHECK(has(log->all, "\"prompt\":\"a fox called " CANARY "\""));
  CHECK(!has(log->all, "vellichor"));
}

/* A threaded client without on_event may be pumped for its log. */
static void whoOnlyListensMayPump(void) {
  struct log *log = new_log();
  t2i_client client = open_logged(log, SLOW_SKETCH, T2I_LOG_INFO, 0);
  submit(client, FOX);
  for (int64_t end = now_ms() + slowly(5000); now_ms() < end && log->records == 0; rest_ms(1))
    CHECK(t2i_client_pump(client, 0, 0, NULL, &err) >= 0);
  CHECK(log->records > 0 && log->strangers == 0);
  close_client(client);
}

static void onEvent(void *user, const t2i_event *event) { (void)user, (void)event; }

static void onTheLibrarysThreadWhereAskedFor(void) {
  struct log *log = new_log();
  t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
  options.flags = T2I_OPEN_EVENTS_ON_LIB_THREAD;
  options.on_event = onEvent;
  options.on_log = onLog;
  options.on_log_user = log;
  options.log_level = T2I_LOG_INFO;
  t2i_client client = open_with(SLOW_SKETCH, &options);
  submit(client, FOX);
  CHECK(came(&log->strangers));
  close_client(client);
}

static void tooMuchIsCounted(uint32_t flags) {
  struct log *log = new_log();
  t2i_client client = open_logged(log, "{\"provider\":\"sketch\",\"simulate\":{\"paint\":false}}", T2I_LOG_DEBUG, flags);
  for (int i = 0; i < 1500; i++) submit(client, FOX);
  int64_t begun = now_ms();
  t2i_task last = submit(client, FOX);
  CHECK(ended(client, last) == T2I_OK);
  close_client(client);
  int64_t seconds = (now_ms() - begun) / 1000 + 3;
  CHECK(log->records <= 200 * seconds + 10);
  CHECK(has(log->all, "\"event\":\"left out\"") && has(log->all, "\"count\":"));
  CHECK(reads_well(log));
}

/* What is told may call the library back, but not wait in it. */
struct caller {
  t2i_client client;
  int calls;
  t2i_status waited;
};

static void callBack(void *user, int32_t level, const char *json, size_t length) {
  struct caller *caller = (struct caller *)user;
  char *report = NULL;
  size_t size = 0;
  (void)level, (void)json, (void)length;
  if (caller->calls++ > 0 || caller->client == 0) return;
  CHECK_OK(t2i_client_stats(caller->client, &report, &size, NULL));
  t2i_free(report);
  t2i_event event = T2I_EVENT_INIT;
  caller->waited = t2i_next_event(caller->client, &event, 1000, NULL);
  CHECK(t2i_client_close(caller->client, 0, NULL) == T2I_E_REENTRANT);
}

static void aRecordMayCallBack(uint32_t flags) {
  struct caller caller = {0, 0, T2I_OK};
  t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
  options.flags = flags;
  options.on_log = callBack;
  options.on_log_user = &caller;
  options.log_level = T2I_LOG_INFO;
  caller.client = open_with(SLOW_SKETCH, &options);
  submit(caller.client, FOX);
  t2i_task none = submit(caller.client, FOX);
  t2i_wait(caller.client, &none, 1, T2I_WAIT_ALL, 100, NULL, NULL);
  CHECK(caller.calls > 0);
  CHECK(caller.waited == T2I_E_REENTRANT || caller.waited == T2I_OK);
  close_client(caller.client);
}

int main(void) {
  begin();
  for (uint32_t flags = 0; flags <= T2I_OPEN_PUMPED; flags += T2I_OPEN_PUMPED) {
    aTasksLifeIsTold(flags);
    aLevelHidesWhatIsLessUrgent(flags);
    promptsAreToldOnRequest(flags);
    tooMuchIsCounted(flags);
    aRecordMayCallBack(flags);
  }
  whoOnlyListensMayPump();
  onTheLibrarysThreadWhereAskedFor();
  return finish();
}
