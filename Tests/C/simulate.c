/* The manners of a hosted service that "simulate" gives to sketch, so that a host can meet them without a key: waiting
 * in line, an answer that is lost, pictures that expire. */
#include "check.h"

static t2i_client simulating(const char *manners, const char *more, uint32_t flags) {
  return open_client(text("{\"provider\":\"sketch\",\"simulate\":{%s}%s}", manners, more), flags);
}

static void aTaskIsHeldBackBeforeItRuns(uint32_t flags) {
  t2i_client client = simulating("\"throttledMs\":120,\"latencyMs\":60,\"paint\":false", "", flags);
  t2i_event event = T2I_EVENT_INIT;
  int64_t begun = now_ms(), throttled = -1, running = -1;
  t2i_task task = submit(client, FOX);
  while (event.kind != T2I_EV_FINAL && t2i_next_event(client, &event, slowly(5000), &err) == T2I_OK) {
    if (event.state == T2I_S_THROTTLED && throttled < 0) throttled = now_ms() - begun;
    if (event.state == T2I_S_RUNNING && running < 0) running = now_ms() - begun;
  }
  CHECK(event.state == T2I_S_SUCCEEDED);
  if (!CHECK(throttled >= 0 && throttled < slowly(100) && running >= 120 && now_ms() - begun >= 180))
    printf("  throttled at %" PRId64 ", running at %" PRId64 " ms\n", throttled, running);
  CHECK_OK(t2i_task_close(client, task));
  task = submit(client, FOX);
  rest_ms(1);
  CHECK_OK(t2i_task_cancel(client, task, T2I_CANCEL_REMOTE, &err));
  CHECK(ended(client, task) == T2I_E_CANCELLED);
  close_client(client);
}

static int64_t number(const char *json, const char *name) {
  const char *found = json ? strstr(json, text("\"%s\":", name)) : NULL;
  return found ? strtoll(strchr(found, ':') + 1, NULL, 10) : -1;
}

static int64_t reserved(t2i_client client) {
  char *json = NULL;
  size_t length;
  CHECK_OK(t2i_client_stats(client, &json, &length, &err));
  int64_t held = number(json, "reserved");
  t2i_free(json);
  return held;
}

static void aLostAnswerIsAmbiguousAndHoldsItsMoney(void) {
  char folder[] = "/tmp/t2i-simulate-XXXXXX";
  if (!CHECK(mkdtemp(folder) != NULL)) return;
  const char *journal = text(",\"journal\":\"%s/journal.sqlite\",\"budget\":{\"maxMillicredits\":8000}", folder);
  t2i_client client = simulating("\"loseAnswer\":true,\"millicredits\":5000", journal, 0);
  t2i_task task = submit(client, FOX), second = 0;
  t2i_task_info info = T2I_TASK_INFO_INIT;
  char *json = NULL;
  size_t length;
  CHECK(ended(client, task) == T2I_E_AMBIGUOUS);
  CHECK(err.flags & T2I_ERR_MAY_HAVE_SPENT);
  CHECK_OK(t2i_task_get(client, task, &info, &err));
  CHECK(info.state == T2I_S_AMBIGUOUS && info.millicredits_reserved == 5000);
  CHECK_OK(t2i_task_json(client, task, &json, &length, &err));
  if (!CHECK(has(json, "\"evidence\":[") && has(json, "\"ambiguous\""))) printf("  %s\n", json);
  t2i_free(json);
  CHECK(reserved(client) == 5000);
  /* The ceiling has no room for another while nobody knows. */
  CHECK_STATUS(T2I_E_BUDGET, t2i_submit(client, FOX, T2I_NTS, NULL, &second, &err));
  CHECK_OK(t2i_settle(client, task, NULL, 0, &err));
  CHECK(reserved(client) == 0);
  CHECK(state_of(client, task) == T2I_S_AMBIGUOUS);
  close_client(client);
  CHECK(system(text("rm -r %s", folder)) == 0);
}

static t2i_output_info look(t2i_client client, t2i_task task, uint32_t i, t2i_status wanted) {
  t2i_output_info info = T2I_OUTPUT_INFO_INIT;
  CHECK_STATUS(wanted, t2i_output_get(client, task, i, &info, &err));
  return info;
}

static void picturesLeftBehindExpire(uint32_t flags) {
  const int64_t lifetime = slowly(600);
  t2i_client client = simulating(text("\"expireMs\":%d", (int)lifetime), ",\"fetch\":\"lazy\"", flags);
  t2i_task task = submit(client, "{\"promptText\":\"a fox\",\"model\":\"muse_image\",\"ratio\":\"32:32\","
                                "\"outputCount\":3}");
  CHECK(ended(client, task) == T2I_OK);
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  int64_t today = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
  int64_t left = look(client, task, 0, T2I_PENDING).expires_unix_ms - today;
  if (!CHECK(left > 0 && left <= lifetime)) printf("  expires in %" PRId64 " ms\n", left);
  void *bytes = NULL;
  size_t size;
  /* In any order; what was fetched stays. */
  CHECK_OK(t2i_output_read(client, task, 2, slowly(5000), &bytes, &size, &err));
  t2i_free(bytes);
  CHECK(look(client, task, 2, T2I_OK).expires_unix_ms == 0);
  CHECK_OK(t2i_output_read(client, task, 0, slowly(5000), &bytes, &size, &err));
  t2i_free(bytes);
  rest_ms(lifetime + 50);
  CHECK_STATUS(T2I_E_EXPIRED, t2i_output_read(client, task, 1, slowly(5000), &bytes, &size, &err));
  CHECK_STATUS(T2I_E_EXPIRED, t2i_output_save(client, task, 1, "/tmp/t2i-expired.png", T2I_NTS, 0, slowly(5000), &err));
  CHECK_OK(t2i_output_read(client, task, 2, 0, &bytes, &size, &err));
  t2i_free(bytes);
  CHECK(state_of(client, task) == T2I_S_SUCCEEDED);
  close_client(client);
}

/* Fetched at once they are here before they could go. */
static void picturesAtHandDoNotExpire(void) {
  t2i_client client = simulating("\"expireMs\":1,\"paint\":false", "", 0);
  t2i_task task = submit(client, FOX);
  void *bytes = NULL;
  size_t size;
  CHECK(ended(client, task) == T2I_OK);
  rest_ms(20);
  CHECK(look(client, task, 0, T2I_OK).expires_unix_ms == 0);
  CHECK_OK(t2i_output_read(client, task, 0, 0, &bytes, &size, &err));
  t2i_free(bytes);
  close_client(client);
}

int main(void) {
  begin();
  for (uint32_t flags = 0; flags <= T2I_OPEN_PUMPED; flags += T2I_OPEN_PUMPED) {
    aTaskIsHeldBackBeforeItRuns(flags);
    picturesLeftBehindExpire(flags);
  }
  aLostAnswerIsAmbiguousAndHoldsItsMoney();
  picturesAtHandDoNotExpire();
  return finish();
}
