/* Callbacks that call everything: every function of the header, from inside on_event and from inside on_log, without a
 * timeout and with one that has no end. What would have to wait refuses; closing the client that is calling refuses;
 * nothing hangs. Also on the library's own thread. */
#include "every.h"

static int calls, refused, unnamed, depth, deepest, closes;
static t2i_client client, other;

/* One that closes what the caller stands on is refused; of another client it is allowed. */
static void call(const struct function *function, t2i_client of, t2i_task task, int64_t timeout) {
  struct arguments *arguments = (struct arguments *)calloc(1, sizeof *arguments);
  if (arguments == NULL) abort();
  arguments->client = of, arguments->task = task;
  good_arguments(arguments, function);
  for (int i = 0; i < function->count; i++)
    if (is(function->parameters[i].name, "timeout_ms")) arguments->words[i] = (uint64_t)timeout;
  int64_t result = function->call(arguments->words);
  calls++;
  if (function->is_status) {
    unnamed += is(t2i_status_name((t2i_status)result), "T2I_UNKNOWN");
    refused += result == T2I_E_REENTRANT || result == T2I_E_STATE;
    if (is(function->name, "t2i_client_close")) closes += result != T2I_E_REENTRANT;
  }
  put_back(arguments, function, function->is_status ? result : -1);
  free(arguments);
}

static void call_everything(t2i_task task) {
  if (depth > 0) return;
  depth++;
  for (int i = 0; i < FUNCTIONS; i++) {
    /* Closes every client, which this one outlives only because it is inside. */
    int is_shutdown = is(functions[i].name, "t2i_shutdown");
    if (is_shutdown && other == 0) continue;
    if (!is_shutdown) {
      call(&functions[i], client, task, 0);
      call(&functions[i], client, task, 5);
      call(&functions[i], client, task, INT64_MAX);
    }
    /* Of another client it may wait only when it is not the one that it is inside of; here it does not try to. */
    if (!is_shutdown && !is(functions[i].name, "t2i_client_close")) call(&functions[i], other, task, 0);
  }
  depth--;
}

static void onEvent(void *user, const t2i_event *event) {
  int *outputs = (int *)user;
  if (depth > deepest) deepest = depth;
  if (event->kind != T2I_EV_OUTPUT) return;
  call_everything(event->task);
  add(outputs);
}

static void eventsCallEverything(uint32_t flags, int rounds) {
  t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
  static int outputs;
  options.flags = flags, options.on_event = onEvent, options.on_event_user = &outputs;
  for (int round = 0; round < rounds; round++) {
    set(&outputs, 0);
    other = open_driven(SLOW_SKETCH);
    client = open_with("{\"provider\":\"sketch\",\"simulate\":{\"latencyMs\":10,\"paint\":false}}", &options);
    for (int i = 0; i < 3; i++) submit(client, FOX);
    for (int64_t end = now_ms() + slowly(10000); now_ms() < end && get(&outputs) < 3; rest_ms(1))
      if (!(flags & T2I_OPEN_EVENTS_ON_LIB_THREAD)) t2i_client_pump(client, 0, 0, NULL, &err);
    CHECK(get(&outputs) >= 3);
    t2i_status status = T2I_WOKEN;
    while (status == T2I_WOKEN) status = t2i_client_close(client, slowly(10000), &err);
    CHECK(status == T2I_OK);
    status = T2I_WOKEN;
    while (status == T2I_WOKEN) status = t2i_client_close(other, slowly(10000), &err);
    CHECK(status == T2I_OK);
  }
}

/* ---- the log ---- */

static int records;

static void onLog(void *user, int32_t level, const char *json, size_t length) {
  (void)user, (void)level;
  if (length == 0 || json[0] != '{') unnamed++;
  records++;
  call_everything(1);
}

/* The built-in catalogue says 5 credits for gen4_image at 720p; a cheaper one is a warning, from inside open. */
static void theLogCallsEverything(void) {
  t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
  FILE *file = fopen("cheap.json", "w");
  if (file == NULL) abort();
  fputs("{\"models\":[{\"id\":\"gen4_image\",\"ratio\":{\"values\":[\"1280:720\"]},\"pricing\":{\"flat\":1}}]}", file);
  fclose(file);
  options.flags = drive, options.on_log = onLog, options.log_level = T2I_LOG_DEBUG;
  client = other = open_driven(SLOW_SKETCH);
  t2i_client logged = open_with("{\"provider\":\"sketch\",\"catalogue\":\"cheap.json\"}", &options);
  t2i_task task = submit(logged, HD_FOX);
  t2i_status status = T2I_WOKEN;
  while (status == T2I_WOKEN) status = t2i_wait(logged, &task, 1, T2I_WAIT_ALL, slowly(10000), NULL, &err);
  CHECK(status == T2I_OK && records >= 1);
}

int main(int argc, char **argv) {
  begin_host(argc, argv);
  eventsCallEverything(drive, either(20, 3));
  eventsCallEverything(T2I_OPEN_EVENTS_ON_LIB_THREAD, either(20, 3));
  CHECK(closes == 0 && deepest <= 1 && refused > 20);
  int of_events = calls;
  theLogCallsEverything();
  CHECK(unnamed == 0);
  t2i_status status = T2I_WOKEN;
  while (status == T2I_WOKEN) status = t2i_shutdown(slowly(10000), NULL, NULL);
  CHECK(status == T2I_OK && has_threads(1));
  counted("%d calls from inside on_event and %d from inside %d log records; %d refused to wait", of_events,
          calls - of_events, records, refused);
  return finish();
}
