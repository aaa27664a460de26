/* Wrong arguments: every one is refused before anything happens, and the refusal names the parameter. */
#include "check.h"

#define NEGATIVE ((size_t)-5)

static t2i_client client;
static t2i_task task;

static void on_event(void *user, const t2i_event *event) { (void)user, (void)event; }

static void libraryFunctionsTakeAnything(void) {
  char *json = NULL;
  size_t length = 7;
  CHECK(t2i_version() == T2I_VERSION);
  CHECK(has(t2i_build_info(), "libt2i 1.0.0"));
  CHECK(t2i_has(NULL) == T2I_E_ARG);
  CHECK(t2i_has("") == T2I_E_UNSUPPORTED && t2i_has("SKETCH") == T2I_E_UNSUPPORTED);
  CHECK(t2i_has("sketch") == T2I_OK && t2i_has("png") == T2I_OK);
  CHECK(t2i_has("threads") == T2I_OK && t2i_has("pump") == T2I_OK);
  for (t2i_status status = T2I_E_INTERNAL; status <= T2I_MORE; status++) CHECK(has(t2i_status_name(status), "T2I_"));
  CHECK(strcmp(t2i_status_name(T2I_E_HANDLE), "T2I_E_HANDLE") == 0);
  CHECK(strcmp(t2i_status_name(INT32_MIN), "T2I_UNKNOWN") == 0);
  CHECK(strcmp(t2i_status_name(6), "T2I_UNKNOWN") == 0 && strcmp(t2i_status_name(-98), "T2I_UNKNOWN") == 0);
  t2i_free(NULL);
  /* Refused before any client is closed. */
  CHECK(t2i_shutdown(-1, NULL, NULL) == T2I_E_ARG);
  CHECK(t2i_shutdown(0, &json, NULL) == T2I_E_ARG && json == NULL);
  CHECK(t2i_shutdown(0, NULL, &length) == T2I_E_ARG && length == 7);
  CHECK_OK(t2i_client_stats(client, &json, &length, &err));
  t2i_free(json);
}

static void openRefusesWrongArguments(void) {
  t2i_client out = 99;
  CHECK_REFUSED(T2I_E_ARG, "config", t2i_client_open(NULL, T2I_NTS, NULL, &out, E));
  CHECK_REFUSED(T2I_E_ARG, "config", t2i_client_open(NULL, 0, NULL, &out, E));
  CHECK_REFUSED(T2I_E_ARG, "config", t2i_client_open("", T2I_NTS, NULL, &out, E));
  CHECK_REFUSED(T2I_E_ARG, "config", t2i_client_open(SKETCH, 0, NULL, &out, E));
  CHECK_REFUSED(T2I_E_LIMIT, "config", t2i_client_open(SKETCH, NEGATIVE, NULL, &out, E));
  CHECK_REFUSED(T2I_E_LIMIT, "config", t2i_client_open(SKETCH, (size_t)1 << 63, NULL, &out, E));
  CHECK_REFUSED(T2I_E_ARG, "out", t2i_client_open(SKETCH, T2I_NTS, NULL, NULL, E));
  CHECK(out == 99);
}

/* Opens with options that are wrong; whatever opens nevertheless is closed. */
static t2i_status openingWith(const t2i_client_opts *options, t2i_error *error) {
  t2i_client out = 99;
  t2i_status status = t2i_client_open(SKETCH, T2I_NTS, options, &out, error);
  CHECK(status == T2I_OK || out == 99);
  if (status == T2I_OK) t2i_client_close(out, T2I_FOREVER, NULL);
  return status;
}

static void openRefusesWrongOptions(void) {
  const t2i_client_opts usual = T2I_CLIENT_OPTS_INIT;
  t2i_client_opts options = usual;
  for (uint32_t size = 0; size < sizeof options; size += 4) {
    options.struct_size = size;
    CHECK_REFUSED(T2I_E_STRUCT, "opts", openingWith(&options, E));
  }
  options.struct_size = UINT32_MAX;
  CHECK_REFUSED(T2I_E_STRUCT, "opts", openingWith(&options, E));
  options = usual, options.flags = 8;
  CHECK_REFUSED(T2I_E_ARG, "opts.flags", openingWith(&options, E));
  options.flags = 0x80000000u;
  CHECK_REFUSED(T2I_E_ARG, "opts.flags", openingWith(&options, E));
  options.flags = T2I_OPEN_EVENTS_ON_LIB_THREAD;
  CHECK_REFUSED(T2I_E_ARG, "opts.flags", openingWith(&options, E));
  options.flags = T2I_OPEN_EVENTS_ON_LIB_THREAD | T2I_OPEN_PUMPED, options.on_event = on_event;
  CHECK_REFUSED(T2I_E_ARG, "opts.flags", openingWith(&options, E));
  options = usual, options.reserved0 = 1;
  CHECK_REFUSED(T2I_E_ARG, "opts.reserved0", openingWith(&options, E));
  options = usual, options.log_level = T2I_LOG_DEBUG + 1;
  CHECK_REFUSED(T2I_E_ARG, "opts.log_level", openingWith(&options, E));
  options.log_level = -1;
  CHECK_REFUSED(T2I_E_ARG, "opts.log_level", openingWith(&options, E));
}

static void optionsOfANewerHeaderAreTakenWhileTheyAskNothingNew(void) {
  struct {
    t2i_client_opts known;
    char tail[16];
  } open;
  struct {
    t2i_submit_opts known;
    char tail[16];
  } opts;
  t2i_task out = 99;
  memset(&open, 0, sizeof open), memset(&opts, 0, sizeof opts);
  open.known.struct_size = sizeof open, opts.known.struct_size = sizeof opts;
  CHECK_OK(openingWith(&open.known, &err));
  open.tail[15] = 1;
  CHECK_REFUSED(T2I_E_UNSUPPORTED, "opts", openingWith(&open.known, E));
  CHECK_OK(t2i_submit(client, FOX, T2I_NTS, &opts.known, &out, &err));
  CHECK_OK(t2i_task_close(client, out));
  opts.tail[0] = 1;
  CHECK_REFUSED(T2I_E_UNSUPPORTED, "opts", t2i_submit(client, FOX, T2I_NTS, &opts.known, &out, E));
}

static void clientFunctionsRefuseWrongArguments(void) {
  char *json = NULL;
  size_t length = 7;
  int64_t next_ms = 7;
  CHECK_REFUSED(T2I_E_ARG, "timeout_ms", t2i_client_close(client, -1, E));
  CHECK_REFUSED(T2I_E_ARG, "timeout_ms", t2i_client_close(client, INT64_MIN, E));
  CHECK_REFUSED(T2I_E_ARG, "json", t2i_client_stats(client, NULL, &length, E));
  CHECK_REFUSED(T2I_E_ARG, "len", t2i_client_stats(client, &json, NULL, E));
  CHECK_REFUSED(T2I_E_ARG, "out", t2i_client_fd(client, NULL, E));
  CHECK_REFUSED(T2I_E_ARG, "budget_us", t2i_client_pump(client, 0, -1, &next_ms, E));
  CHECK_REFUSED(T2I_E_STATE, "c", t2i_client_pump(client, 0, INT64_MAX, &next_ms, E));
  CHECK_REFUSED(T2I_E_ARG, "json", t2i_models(0, NULL, &length, E));
  CHECK_REFUSED(T2I_E_ARG, "len", t2i_models(client, &json, NULL, E));
  CHECK_REFUSED(T2I_E_ARG, "req", t2i_check(client, NULL, T2I_NTS, &json, &length, E));
  CHECK_REFUSED(T2I_E_ARG, "req", t2i_check(client, FOX, 0, &json, &length, E));
  CHECK_REFUSED(T2I_E_LIMIT, "req", t2i_check(client, FOX, NEGATIVE, &json, &length, E));
  CHECK_REFUSED(T2I_E_ARG, "report", t2i_check(client, FOX, T2I_NTS, NULL, &length, E));
  CHECK_REFUSED(T2I_E_ARG, "report_len", t2i_check(client, FOX, T2I_NTS, &json, NULL, E));
  CHECK(json == NULL && length == 7 && next_ms == 7);
}

static void submitRefusesWrongArguments(void) {
  const t2i_submit_opts usual = T2I_SUBMIT_OPTS_INIT;
  t2i_submit_opts opts = usual;
  t2i_task out = 99;
  CHECK_REFUSED(T2I_E_ARG, "req", t2i_submit(client, NULL, T2I_NTS, NULL, &out, E));
  CHECK_REFUSED(T2I_E_ARG, "req", t2i_submit(client, FOX, 0, NULL, &out, E));
  CHECK_REFUSED(T2I_E_LIMIT, "req", t2i_submit(client, FOX, NEGATIVE, NULL, &out, E));
  CHECK_REFUSED(T2I_E_ARG, "out", t2i_submit(client, FOX, T2I_NTS, NULL, NULL, E));
#define REFUSED_OPTS(status, place) CHECK_REFUSED(status, place, t2i_submit(client, FOX, T2I_NTS, &opts, &out, E))
  opts.struct_size = 0;
  REFUSED_OPTS(T2I_E_STRUCT, "opts");
  opts.struct_size = sizeof opts - 1;
  REFUSED_OPTS(T2I_E_STRUCT, "opts");
  opts = usual, opts.flags = 1;
  REFUSED_OPTS(T2I_E_ARG, "opts.flags");
  opts = usual, opts.deadline_ms = -1;
  REFUSED_OPTS(T2I_E_ARG, "opts.deadline_ms");
  opts = usual, opts.max_millicredits = INT64_MIN;
  REFUSED_OPTS(T2I_E_ARG, "opts.max_millicredits");
  opts = usual, opts.dedupe_key = "key", opts.dedupe_key_len = T2I_NTS;
  REFUSED_OPTS(T2I_E_UNSUPPORTED, "opts.dedupe_key");
  CHECK(out == 99);
}

static void blobsAreChecked(void) {
  const t2i_submit_opts usual = T2I_SUBMIT_OPTS_INIT;
  t2i_submit_opts opts = usual;
  t2i_task out = 99;
  const void *data[1] = {"picture"};
  size_t lengths[1] = {7};
  opts.blob_count = 1;
  REFUSED_OPTS(T2I_E_ARG, "opts.blob_data");
  opts.blob_data = data;
  REFUSED_OPTS(T2I_E_ARG, "opts.blob_len");
  opts.blob_len = lengths, opts.blob_count = 65;
  REFUSED_OPTS(T2I_E_LIMIT, "opts.blob_count");
  opts.blob_count = NEGATIVE;
  REFUSED_OPTS(T2I_E_LIMIT, "opts.blob_count");
  opts.blob_count = 1, lengths[0] = 0;
  REFUSED_OPTS(T2I_E_ARG, "opts.blob_len");
  lengths[0] = NEGATIVE;
  REFUSED_OPTS(T2I_E_LIMIT, "opts.blob_len");
  lengths[0] = 7, data[0] = NULL;
  REFUSED_OPTS(T2I_E_ARG, "opts.blob_data");
  CHECK(out == 99);
}

static void taskFunctionsRefuseWrongArguments(void) {
  char *json = NULL;
  size_t length = 7;
  t2i_event event = T2I_EVENT_INIT;
  t2i_task_info info = T2I_TASK_INFO_INIT;
  t2i_error ending = T2I_ERROR_INIT;
  CHECK_REFUSED(T2I_E_ARG, "out", t2i_next_event(client, NULL, 0, E));
  CHECK_REFUSED(T2I_E_ARG, "timeout_ms", t2i_next_event(client, &event, -1, E));
  event.struct_size = 0;
  CHECK_REFUSED(T2I_E_STRUCT, "out", t2i_next_event(client, &event, 0, E));
  CHECK_REFUSED(T2I_E_ARG, "tasks", t2i_wait(client, NULL, 1, T2I_WAIT_ANY, 0, &length, E));
  CHECK_REFUSED(T2I_E_ARG, "n", t2i_wait(client, &task, 0, T2I_WAIT_ANY, 0, &length, E));
  CHECK_REFUSED(T2I_E_ARG, "n", t2i_wait(client, &task, NEGATIVE, T2I_WAIT_ANY, 0, &length, E));
  CHECK_REFUSED(T2I_E_ARG, "mode", t2i_wait(client, &task, 1, 2, 0, &length, E));
  CHECK_REFUSED(T2I_E_ARG, "mode", t2i_wait(client, &task, 1, -1, 0, &length, E));
  CHECK_REFUSED(T2I_E_ARG, "timeout_ms", t2i_wait(client, &task, 1, T2I_WAIT_ANY, -1, &length, E));
  CHECK_REFUSED(T2I_E_ARG, "out", t2i_task_get(client, task, NULL, E));
  info.struct_size = sizeof info - 4;
  CHECK_REFUSED(T2I_E_STRUCT, "out", t2i_task_get(client, task, &info, E));
  CHECK_REFUSED(T2I_E_ARG, "json", t2i_task_json(client, task, NULL, &length, E));
  CHECK_REFUSED(T2I_E_ARG, "len", t2i_task_json(client, task, &json, NULL, E));
  CHECK(t2i_task_error(client, task, NULL) == T2I_E_ARG);
  ending.struct_size = 8;
  CHECK(t2i_task_error(client, task, &ending) == T2I_E_STRUCT && ending.status == 0);
  CHECK_REFUSED(T2I_E_ARG, "count", t2i_task_list(client, &task, 1, NULL, E));
  CHECK_REFUSED(T2I_E_ARG, "out", t2i_task_list(client, NULL, 1, &length, E));
  CHECK_REFUSED(T2I_E_LIMIT, "cap", t2i_task_list(client, &task, NEGATIVE, &length, E));
  CHECK_REFUSED(T2I_E_ARG, "how", t2i_task_cancel(client, task, 0, E));
  CHECK_REFUSED(T2I_E_ARG, "how", t2i_task_cancel(client, task, T2I_CANCEL_LOCAL | T2I_CANCEL_REMOTE, E));
  CHECK(json == NULL && length == 7);
}

static void outputFunctionsRefuseWrongArguments(void) {
  void *data = NULL;
  size_t length = 7;
  t2i_output_info info = T2I_OUTPUT_INFO_INIT;
  CHECK_REFUSED(T2I_E_ARG, "out", t2i_output_get(client, task, 0, NULL, E));
  info.struct_size = sizeof info - 1;
  CHECK_REFUSED(T2I_E_STRUCT, "out", t2i_output_get(client, task, 0, &info, E));
  CHECK_REFUSED(T2I_E_ARG, "data", t2i_output_read(client, task, 0, 0, NULL, &length, E));
  CHECK_REFUSED(T2I_E_ARG, "len", t2i_output_read(client, task, 0, 0, &data, NULL, E));
  CHECK_REFUSED(T2I_E_ARG, "timeout_ms", t2i_output_read(client, task, 0, -1, &data, &length, E));
  CHECK_REFUSED(T2I_E_ARG, "path", t2i_output_save(client, task, 0, NULL, T2I_NTS, 0, 0, E));
  CHECK_REFUSED(T2I_E_ARG, "path", t2i_output_save(client, task, 0, "", T2I_NTS, 0, 0, E));
  CHECK_REFUSED(T2I_E_ARG, "path", t2i_output_save(client, task, 0, "a\0b", 3, 0, 0, E));
  CHECK_REFUSED(T2I_E_UTF8, "path", t2i_output_save(client, task, 0, "a\xff.png", T2I_NTS, 0, 0, E));
  CHECK_REFUSED(T2I_E_LIMIT, "path", t2i_output_save(client, task, 0, "a", NEGATIVE, 0, 0, E));
  CHECK_REFUSED(T2I_E_ARG, "flags", t2i_output_save(client, task, 0, "a", T2I_NTS, 4, 0, E));
  CHECK_REFUSED(T2I_E_ARG, "timeout_ms", t2i_output_save(client, task, 0, "a", T2I_NTS, 0, -1, E));
  CHECK(data == NULL && length == 7);
}

/* An error record that is too small is refused before anything is done, and not written. */
static void theErrorRecordHasASizeToo(void) {
  t2i_error small = T2I_ERROR_INIT;
  struct {
    t2i_error known;
    char tail[16];
  } large;
  t2i_client out = 99;
  t2i_task submitted = 99;
  char *json = NULL;
  size_t length = 0;
  for (uint32_t size = 0; size < sizeof small; size += 40) {
    small.struct_size = size, small.status = 77;
    CHECK(t2i_client_open(SKETCH, T2I_NTS, NULL, &out, &small) == T2I_E_STRUCT && out == 99);
    CHECK(t2i_submit(client, FOX, T2I_NTS, NULL, &submitted, &small) == T2I_E_STRUCT && submitted == 99);
    CHECK(t2i_client_close(client, 0, &small) == T2I_E_STRUCT && small.status == 77);
  }
  memset(&large, 'x', sizeof large);
  large.known.struct_size = sizeof large;
  CHECK(t2i_submit(client, "{", T2I_NTS, NULL, &submitted, &large.known) == T2I_E_JSON);
  CHECK(large.known.status == T2I_E_JSON && large.known.struct_size == sizeof large && large.tail[0] == 'x');
  /* On success it is filled as well, with nothing left of an earlier failure. */
  err.flags = 3, err.http_status = 500, err.retry_after_ms = 1, err.sys_code = 2, err.where[0] = 'x';
  CHECK_OK(t2i_client_stats(client, &json, &length, &err));
  CHECK(err.status == 0 && err.flags == 0 && err.http_status == 0 && err.retry_after_ms == 0 && err.sys_code == 0);
  CHECK(err.where[0] == 0 && err.message[0] == 0 && strlen(json) == length);
  t2i_free(json);
}

int main(void) {
  size_t count = 99;
  begin();
  client = open_client(SLOW_SKETCH, 0);
  libraryFunctionsTakeAnything();
  openRefusesWrongArguments();
  openRefusesWrongOptions();
  optionsOfANewerHeaderAreTakenWhileTheyAskNothingNew();
  clientFunctionsRefuseWrongArguments();
  submitRefusesWrongArguments();
  blobsAreChecked();
  CHECK_OK(t2i_task_list(client, NULL, 0, &count, &err));
  CHECK(count == 0);
  task = submit(client, FOX);
  taskFunctionsRefuseWrongArguments();
  outputFunctionsRefuseWrongArguments();
  theErrorRecordHasASizeToo();
  CHECK_OK(t2i_task_list(client, NULL, 0, &count, &err));
  CHECK(count == 1 && !T2I_IS_FINAL(state_of(client, task)));
  close_client(client);
  return finish();
}
