/* What a host is told when it opens a client beside tasks that nobody watches, and finding those again. Nobody listens
 * at the service's address: nothing is sent, and nothing can be charged. */
#include "check.h"

#define ADDRESS "\"apiKey\":\"key_secret\",\"baseUrl\":\"http://127.0.0.1:9\",\"pollFloorMs\":1"
#define KEPT "{\"provider\":\"runway\"," ADDRESS ",\"journal\":\"unfinished.sqlite\"}"

static char told[4096];
static int records;

static void T2I_CALL remember(void *user, int32_t level, const char *json, size_t length) {
  CHECK(user == told && level == T2I_LOG_WARN && strlen(json) == length);
  snprintf(told, sizeof told, "%s", json);
  records++;
}

static t2i_client open_listening(const char *config, int32_t level) {
  t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
  options.on_log = remember, options.on_log_user = told, options.log_level = level;
  told[0] = 0, records = 0;
  return open_with(config, &options);
}

static size_t recoverable(t2i_client client) {
  size_t count = 99;
  CHECK_OK(t2i_recover(client, NULL, 0, &count, &err));
  return count;
}

/* Three tasks are accepted; with their client goes who watches them. */
static void leaveThree(void) {
  t2i_client client = open_listening(KEPT, T2I_LOG_WARN);
  CHECK(records == 0);
  for (int i = 0; i < 3; i++) {
    t2i_task task = submit(client, "{\"promptText\":\"a fox\"}");
    /* On disk before it is on its way. */
    for (int64_t end = now_ms() + slowly(5000); state_of(client, task) == T2I_S_QUEUED && now_ms() < end; rest_ms(1)) {}
  }
  CHECK(recoverable(client) == 0);
  close_client(client);
}

static void theNextClientIsTold(void) {
  t2i_client client = open_listening(KEPT, T2I_LOG_WARN);
  CHECK(records == 1 && has(told, "\"level\":\"warn\"") && has(told, "\"recoverable\":3") && has(told, "t2i_recover"));
  CHECK(!has(told, "key_secret"));
  CHECK(recoverable(client) == 3);
  close_client(client);
  client = open_listening(KEPT, T2I_LOG_ERROR);
  CHECK(records == 0);
  close_client(client);
}

static void whatIsFoundIsWatchedAgain(void) {
  t2i_client client = open_listening(KEPT, T2I_LOG_WARN);
  t2i_task found[2] = {0, 0}, last = 0;
  size_t count = 0;
  CHECK_STATUS(T2I_MORE, t2i_recover(client, found, 2, &count, &err));
  CHECK(count == 2 && found[0] != 0 && found[1] != 0 && found[0] != found[1]);
  CHECK_OK(t2i_recover(client, &last, 1, &count, &err));
  CHECK(count == 1 && recoverable(client) == 0);
  CHECK_OK(t2i_recover(client, &last, 1, &count, &err));
  CHECK(count == 0);
  close_client(client);
}

static void anotherKeySeesNothingOfIt(void) {
  t2i_client client =
      open_listening("{\"apiKey\":\"key_other\",\"baseUrl\":\"http://127.0.0.1:9\",\"journal\":\"unfinished.sqlite\"}",
                     T2I_LOG_WARN);
  CHECK(records == 0 && recoverable(client) == 0);
  close_client(client);
}

/* Only where something can cost. */
static void withoutAJournalThatIsSaid(void) {
  t2i_client client = open_listening("{\"provider\":\"runway\"," ADDRESS ",\"journal\":null}", T2I_LOG_WARN);
  CHECK(records == 1 && has(told, "\"where\":\"/journal\"") && has(told, "there is no journal"));
  CHECK(recoverable(client) == 0);
  close_client(client);
  client = open_listening("{\"provider\":\"sketch\",\"journal\":null}", T2I_LOG_WARN);
  CHECK(records == 0);
  close_client(client);
}

int main(void) {
  begin();
  leaveThree();
  theNextClientIsTold();
  whatIsFoundIsWatchedAgain();
  anotherKeySeesNothingOfIt();
  withoutAJournalThatIsSaid();
  return finish();
}
