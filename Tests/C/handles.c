/* Handles that are stale, forged, of the wrong kind or of another client: each is refused by every function, and
 * whoever guesses numbers finds nothing. */
#include "check.h"

/* Every function that takes a client and a task. */
static void everyFunctionRefuses(t2i_client client, t2i_task task, const char *place, const char *place_of_wait) {
  char *json = NULL;
  void *data = NULL;
  size_t length = 7;
  t2i_task_info info = T2I_TASK_INFO_INIT;
  t2i_output_info output = T2I_OUTPUT_INFO_INIT;
  CHECK_REFUSED(T2I_E_HANDLE, place_of_wait, t2i_wait(client, &task, 1, T2I_WAIT_ANY, 0, &length, E));
  CHECK_REFUSED(T2I_E_HANDLE, place_of_wait, t2i_wait(client, &task, 1, T2I_WAIT_ALL, T2I_FOREVER, NULL, E));
  CHECK_REFUSED(T2I_E_HANDLE, place, t2i_task_get(client, task, &info, E));
  CHECK_REFUSED(T2I_E_HANDLE, place, t2i_task_json(client, task, &json, &length, E));
  CHECK(t2i_task_error(client, task, NULL) == T2I_E_ARG);
  CHECK(t2i_task_error(client, task, &err) == T2I_E_HANDLE && strcmp(err.where, place) == 0);
  CHECK_REFUSED(T2I_E_HANDLE, place, t2i_task_cancel(client, task, T2I_CANCEL_REMOTE, E));
  CHECK(t2i_task_close(client, task) == T2I_E_HANDLE);
  CHECK_REFUSED(T2I_E_HANDLE, place, t2i_output_get(client, task, 0, &output, E));
  CHECK_REFUSED(T2I_E_HANDLE, place, t2i_output_read(client, task, 0, T2I_FOREVER, &data, &length, E));
  CHECK_REFUSED(T2I_E_HANDLE, place, t2i_output_save(client, task, 0, "x", T2I_NTS, 0, T2I_FOREVER, E));
  CHECK(json == NULL && data == NULL && length == 7 && info.state == 0 && output.width == 0);
}

/* Every function that takes a client, besides. */
static void noClientIs(t2i_client client, t2i_task task) {
  char *json = NULL;
  size_t length = 7;
  intptr_t descriptor = -7;
  t2i_task out = 99;
  t2i_event event = T2I_EVENT_INIT;
  CHECK_REFUSED(T2I_E_HANDLE, "c", t2i_client_close(client, T2I_FOREVER, E));
  CHECK_REFUSED(T2I_E_HANDLE, "c", t2i_client_stats(client, &json, &length, E));
  CHECK_REFUSED(T2I_E_HANDLE, "c", t2i_client_fd(client, &descriptor, E));
  CHECK_REFUSED(T2I_E_HANDLE, "c", t2i_client_pump(client, 0, 0, NULL, E));
  CHECK(t2i_client_wake(client) == T2I_E_HANDLE);
  if (client != 0) CHECK_REFUSED(T2I_E_HANDLE, "c", t2i_models(client, &json, &length, E));
  CHECK_REFUSED(T2I_E_HANDLE, "c", t2i_check(client, FOX, T2I_NTS, &json, &length, E));
  CHECK_REFUSED(T2I_E_HANDLE, "c", t2i_submit(client, FOX, T2I_NTS, NULL, &out, E));
  CHECK_REFUSED(T2I_E_HANDLE, "c", t2i_next_event(client, &event, T2I_FOREVER, E));
  CHECK_REFUSED(T2I_E_HANDLE, "c", t2i_task_list(client, &out, 1, &length, E));
  everyFunctionRefuses(client, task, "c", "c");
  CHECK(json == NULL && length == 7 && descriptor == -7 && out == 99 && event.kind == 0);
}

/* Whatever bit is wrong, the number is no handle. */
static void nothingIsFoundByGuessing(t2i_client client, t2i_task task) {
  int found = 0;
  for (int bit = 0; bit < 64; bit++) {
    found += t2i_client_wake(client ^ 1ull << bit) == T2I_OK;
    found += t2i_task_cancel(client, task ^ 1ull << bit, T2I_CANCEL_LOCAL, NULL) != T2I_E_HANDLE;
  }
  for (uint64_t number = 0; number < 5000; number++) {
    found += t2i_client_wake(number) == T2I_OK;
    found += t2i_task_close(client, number) != T2I_E_HANDLE;
  }
  CHECK(found == 0);
}

static void aSlotThatIsUsedAgainGivesAnotherHandle(t2i_client client) {
  t2i_task first = submit(client, FOX), second;
  t2i_client other = open_client(SLOW_SKETCH, T2I_OPEN_PUMPED), next;
  CHECK_OK(t2i_task_close(client, first));
  second = submit(client, FOX);
  CHECK(second != first);
  everyFunctionRefuses(client, first, "t", "tasks");
  CHECK(!T2I_IS_FINAL(state_of(client, second)));
  close_client(other);
  next = open_client(SLOW_SKETCH, T2I_OPEN_PUMPED);
  CHECK(next != other);
  noClientIs(other, second);
  close_client(next);
  CHECK_OK(t2i_task_close(client, second));
}

static void aWaitNamesTheTaskThatIsUnknown(t2i_client client, t2i_task task) {
  t2i_task tasks[3] = {task, task, 12345};
  CHECK_REFUSED(T2I_E_HANDLE, "tasks", t2i_wait(client, tasks, 3, T2I_WAIT_ANY, 0, NULL, E));
  CHECK(has(err.message, "tasks[2]"));
}

static void aProcessHas256Clients(void) {
  t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
  t2i_client clients[256], more = 99;
  int opened = 0;
  options.flags = T2I_OPEN_PUMPED;
  while (opened < 256 && t2i_client_open(SKETCH, T2I_NTS, &options, &clients[opened], NULL) == T2I_OK) opened++;
  /* Two are open already. */
  CHECK(opened == 254);
  CHECK_REFUSED(T2I_E_LIMIT, "out", t2i_client_open(SKETCH, T2I_NTS, &options, &more, E));
  CHECK(more == 99);
  while (opened > 0) CHECK_OK(t2i_client_close(clients[--opened], 0, &err));
}

int main(void) {
  t2i_client client, other;
  t2i_task task, foreign;
  size_t count;
  begin();
  client = open_client(SLOW_SKETCH, 0);
  other = open_client(SLOW_SKETCH, T2I_OPEN_PUMPED);
  task = submit(client, FOX);
  foreign = submit(other, FOX);
  /* A double holds each, and so do JavaScript and Lua. */
  CHECK(client < 1ull << 53 && task < 1ull << 53 && client != 0 && task != 0 && client != task && task != foreign);

  const uint64_t wrong[] = {0, 1, task, foreign, client + (1ull << 20), client + 1, 1ull << 53, INT64_MAX, UINT64_MAX};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) noClientIs(wrong[i], task);
  const uint64_t never[] = {0, 1, client, other, foreign, task + 1, task + (1ull << 20), 1ull << 53, UINT64_MAX};
  for (size_t i = 0; i < sizeof never / sizeof *never; i++) everyFunctionRefuses(client, never[i], "t", "tasks");
  nothingIsFoundByGuessing(client, task);
  aWaitNamesTheTaskThatIsUnknown(client, task);
  aSlotThatIsUsedAgainGivesAnotherHandle(client);
  aProcessHas256Clients();

  CHECK(!T2I_IS_FINAL(state_of(client, task)));
  CHECK_OK(t2i_task_list(client, NULL, 0, &count, &err));
  CHECK(count == 1);
  close_client(client);
  noClientIs(client, task);
  CHECK(t2i_shutdown(slowly(5000), NULL, NULL) == T2I_OK);
  noClientIs(other, foreign);
  return finish();
}
