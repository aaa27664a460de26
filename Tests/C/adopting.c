/* A client that outlives the script that opened it: found again by its name, with its tasks; what may change while it is
 * open, and what may not; and the table through which hosts that load the library by name call it. */
#include "check.h"

static const char *const named = "{\"provider\":\"sketch\",\"name\":\"studio\",\"simulate\":{\"latencyMs\":600000}}";

static t2i_client_opts with(uint32_t flags) {
  t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
  options.flags = flags;
  return options;
}

static t2i_status open_as(const char *config, uint32_t flags, t2i_client *client, t2i_error *error) {
  t2i_client_opts options = with(flags);
  return t2i_client_open(config, T2I_NTS, &options, client, error);
}

/* ---- T2I_OPEN_ADOPT ---- */

static void aNameIsOneClients(uint32_t flags) {
  t2i_client first = open_client(named, flags), second = 0;
  CHECK_REFUSED(T2I_E_EXISTS, "/name", open_as(named, flags, &second, E));
  t2i_client other = open_client("{\"provider\":\"sketch\",\"name\":\"another\"}", flags);
  close_client(other);
  close_client(first);
  /* A name is free again with its client, and with an open that failed. */
  CHECK_REFUSED(T2I_E_IO, "/outputDir", open_as("{\"provider\":\"sketch\",\"name\":\"studio\",\"outputDir\":\"nowhere\"}",
                                                 flags, &second, E));
  close_client(open_client(named, flags));
}

static void aTaskOutlivesItsScript(uint32_t flags) {
  t2i_client first = open_client(named, flags), again = 0;
  t2i_task task = submit(first, FOX), listed[2] = {0, 0};
  size_t count = 0;
  CHECK_OK(open_as(named, flags | T2I_OPEN_ADOPT, &again, &err));
  CHECK(again == first);
  CHECK_OK(t2i_task_list(again, listed, 2, &count, &err));
  CHECK(count == 1 && listed[0] == task);
  close_client(again);
  CHECK(t2i_task_list(first, listed, 2, &count, NULL) == T2I_E_HANDLE);
}

static void whoFindsNobodyOpens(uint32_t flags) {
  t2i_client client = 0;
  CHECK_OK(open_as(named, flags | T2I_OPEN_ADOPT, &client, &err));
  CHECK(client != 0);
  close_client(client);
}

static void adoptingNeedsANameAndTheSameFlags(uint32_t flags) {
  t2i_client client = open_client(named, flags), other = 0;
  CHECK_REFUSED(T2I_E_ARG, "/name", open_as(SKETCH, flags | T2I_OPEN_ADOPT, &other, E));
  CHECK_REFUSED(T2I_E_STATE, "opts.flags", open_as(named, (flags ^ T2I_OPEN_PUMPED) | T2I_OPEN_ADOPT, &other, E));
  CHECK_REFUSED(T2I_E_STATE, "/outputDir",
                open_as("{\"provider\":\"sketch\",\"name\":\"studio\",\"outputDir\":\".\"}", flags | T2I_OPEN_ADOPT, &other, E));
  CHECK(other == 0);
  close_client(client);
}

struct host {
  int events;
  int inside;
  int rest;
};

static void onEvent(void *user, const t2i_event *event) {
  struct host *host = (struct host *)user;
  (void)event;
  set(&host->inside, 1);
  rest_ms(host->rest);
  add(&host->events);
  set(&host->inside, 0);
}

static t2i_status open_hearing(struct host *host, uint32_t flags, t2i_client *client, t2i_error *error) {
  t2i_client_opts options = with(flags);
  options.on_event = host ? onEvent : NULL;
  options.on_event_user = host;
  return t2i_client_open("{\"provider\":\"sketch\",\"name\":\"plugin\"}", T2I_NTS, &options, client, error);
}

static void theNewCallbacksAreCalledAndTheOldOnesNoMore(uint32_t flags) {
  struct host old = {0, 0, 0}, young = {0, 0, 0};
  t2i_client client = 0;
  t2i_event event = T2I_EVENT_INIT;
  CHECK_OK(open_hearing(&old, flags, &client, &err));
  ended(client, submit(client, FOX));
  rest_ms(50);
  int before = get(&old.events);
  CHECK(before > 0);
  /* The library's own thread may be in the middle of a turn. */
  t2i_status status = T2I_E_BUSY;
  for (int64_t end = now_ms() + slowly(5000); status == T2I_E_BUSY && now_ms() < end; rest_ms(1))
    status = open_hearing(&young, flags | T2I_OPEN_ADOPT, &client, &err);
  CHECK_OK(status);
  ended(client, submit(client, FOX));
  if (flags & T2I_OPEN_EVENTS_ON_LIB_THREAD) CHECK(came(&young.events));
  CHECK(get(&young.events) > 0 && get(&old.events) == before);
  if (!(flags & T2I_OPEN_EVENTS_ON_LIB_THREAD)) {
    /* Without callbacks the events wait again. */
    CHECK_OK(open_hearing(NULL, flags | T2I_OPEN_ADOPT, &client, &err));
    ended(client, submit(client, FOX));
    CHECK_OK(t2i_next_event(client, &event, 0, &err));
  }
  close_client(client);
}

static void *pump(void *client) {
  t2i_client_pump(*(t2i_client *)client, 0, 0, NULL, NULL);
  return NULL;
}

static void whoIsPumpedIsNotTakenOver(void) {
  struct host old = {0, 0, 200}, young = {0, 0, 0};
  t2i_client client = 0, again = 0;
  CHECK_OK(open_hearing(&old, T2I_OPEN_PUMPED, &client, &err));
  submit(client, FOX);
  pthread_t thread = start(pump, &client);
  CHECK(came(&old.inside));
  CHECK_REFUSED(T2I_E_BUSY, "opts", open_hearing(&young, T2I_OPEN_PUMPED | T2I_OPEN_ADOPT, &again, E));
  pthread_join(thread, NULL);
  close_client(client);
}

/* ---- t2i_client_set ---- */

static t2i_status change(t2i_client client, const char *patch, t2i_error *error) {
  return t2i_client_set(client, patch, T2I_NTS, error);
}

static int at_work(t2i_client client) {
  t2i_task tasks[8];
  size_t count = 0;
  int working = 0;
  must(t2i_task_list(client, tasks, 8, &count, &err), "task_list");
  for (size_t i = 0; i < count; i++) working += state_of(client, tasks[i]) != T2I_S_QUEUED;
  return working;
}

static int works_on(t2i_client client, int wanted) {
  for (int64_t end = now_ms() + slowly(5000); now_ms() < end; rest_ms(2)) {
    t2i_wait(client, NULL, 0, T2I_WAIT_ALL, 0, NULL, NULL);
    t2i_event event = T2I_EVENT_INIT;
    t2i_next_event(client, &event, 0, NULL);
    if (at_work(client) == wanted) return 1;
  }
  return 0;
}

static void moreMayWorkAtOnce(uint32_t flags) {
  t2i_client client =
      open_client("{\"provider\":\"sketch\",\"maxConcurrent\":1,\"simulate\":{\"latencyMs\":600000}}", flags);
  for (int i = 0; i < 3; i++) submit(client, FOX);
  CHECK(works_on(client, 1));
  CHECK_OK(change(client, "{\"maxConcurrent\":3}", &err));
  CHECK(works_on(client, 3));
  close_client(client);
}

static void aBudgetMayGrow(uint32_t flags) {
  t2i_client client = open_client("{\"provider\":\"sketch\",\"simulate\":{\"millicredits\":10},"
                                  "\"budget\":{\"maxMillicredits\":15}}", flags);
  t2i_task task;
  submit(client, FOX);
  CHECK_REFUSED(T2I_E_BUDGET, "/budget", t2i_submit(client, FOX, T2I_NTS, NULL, &task, E));
  CHECK_OK(change(client, "{\"budget\":{\"maxMillicredits\":20}}", &err));
  CHECK_OK(t2i_submit(client, FOX, T2I_NTS, NULL, &task, &err));
  CHECK_REFUSED(T2I_E_ARG, "/budget/scope", change(client, "{\"budget\":{\"maxMillicredits\":1,\"scope\":\"day\"}}", E));
  close_client(client);
  client = open_client(SKETCH, flags);
  CHECK_REFUSED(T2I_E_STATE, "/budget", change(client, "{\"budget\":{\"maxMillicredits\":20}}", E));
  close_client(client);
}

static void aPatchIsTakenWholeOrNotAtAll(uint32_t flags) {
  t2i_client client = open_client("{\"provider\":\"sketch\",\"maxConcurrent\":1,\"paintThreads\":1,"
                                  "\"simulate\":{\"latencyMs\":600000}}", flags);
  for (int i = 0; i < 3; i++) submit(client, FOX);
  CHECK_REFUSED(T2I_E_STATE, "/paintThreads", change(client, "{\"maxConcurrent\":3,\"paintThreads\":2}", E));
  CHECK_REFUSED(T2I_E_ARG, "/maxSubmitting", change(client, "{\"maxConcurrent\":3,\"maxSubmitting\":0}", E));
  CHECK_REFUSED(T2I_E_ARG, "/maxconcurrent", change(client, "{\"maxconcurrent\":3}", E));
  CHECK(works_on(client, 1));
  rest_ms(30);
  CHECK(at_work(client) == 1);
  /* What stays as it was may be said again. */
  CHECK_OK(change(client, "{\"provider\":\"sketch\",\"paintThreads\":1}", &err));
  close_client(client);
}

static void badPatchesAreRefused(void) {
  t2i_client client = open_client(SKETCH, 0);
  CHECK_REFUSED(T2I_E_ARG, "patch", t2i_client_set(client, NULL, 0, E));
  CHECK_REFUSED(T2I_E_ARG, "patch", change(client, "", E));
  CHECK_REFUSED(T2I_E_ARG, "config", change(client, "[]", E));
  CHECK_STATUS(T2I_E_JSON, change(client, "{", &err));
  CHECK_STATUS(T2I_E_LIMIT, t2i_client_set(client, "{}", (size_t)-2, &err));
  CHECK_OK(change(client, "{}", &err));
  CHECK_STATUS(T2I_E_HANDLE, change(0, "{}", &err));
  close_client(client);
  CHECK_STATUS(T2I_E_HANDLE, change(client, "{}", &err));
}

/* ---- t2i_get_api ---- */

static void theTableCallsTheLibrary(void) {
  const t2i_api *api = t2i_get_api(T2I_VERSION);
  if (!CHECK(api != NULL)) return;
  CHECK(api->struct_size == sizeof *api && api->version == t2i_version());
  CHECK(api->t2i_get_api(T2I_VERSION) == api && api->t2i_version() == T2I_VERSION);
  CHECK(strcmp(api->t2i_status_name(T2I_E_ARG), "T2I_E_ARG") == 0);
  t2i_client client = 0;
  CHECK_OK(api->t2i_client_open(SKETCH, T2I_NTS, NULL, &client, &err));
  CHECK_OK(api->t2i_client_close(client, slowly(5000), &err));
  /* Every entry is there. */
  const char *entry = (const char *)api + offsetof(t2i_api, t2i_get_api);
  for (; entry < (const char *)(api + 1); entry += sizeof(void (*)(void))) {
    void (*function)(void);
    memcpy(&function, entry, sizeof function);
    CHECK(function != NULL);
  }
}

static void anotherVersionHasNoTable(void) {
  CHECK(t2i_get_api(T2I_VERSION | 0xFFF) != NULL); /* a later patch of the same header */
  CHECK(t2i_get_api(T2I_VERSION + (1u << 12)) == NULL);
  CHECK(t2i_get_api(T2I_VERSION + (1u << 24)) == NULL);
  CHECK(t2i_get_api(0) == NULL && t2i_get_api(UINT32_MAX) == NULL);
}

int main(void) {
  begin();
  for (uint32_t flags = 0; flags <= T2I_OPEN_PUMPED; flags += T2I_OPEN_PUMPED) {
    aNameIsOneClients(flags);
    aTaskOutlivesItsScript(flags);
    whoFindsNobodyOpens(flags);
    adoptingNeedsANameAndTheSameFlags(flags);
    theNewCallbacksAreCalledAndTheOldOnesNoMore(flags);
    moreMayWorkAtOnce(flags);
    aBudgetMayGrow(flags);
    aPatchIsTakenWholeOrNotAtAll(flags);
  }
  theNewCallbacksAreCalledAndTheOldOnesNoMore(T2I_OPEN_EVENTS_ON_LIB_THREAD);
  whoIsPumpedIsNotTakenOver();
  badPatchesAreRefused();
  theTableCallsTheLibrary();
  anotherVersionHasNoTable();
  return finish();
}
