/* The life of a task, from submit to its end: what is told, when, and what remains to be read. */
#include "check.h"

static void fourCallsMakeAPicture(void) {
  t2i_client client = open_client(SKETCH, 0);
  t2i_task task = submit(client, FOX);
  struct stat file;
  CHECK_OK(t2i_wait(client, &task, 1, T2I_WAIT_ALL, T2I_FOREVER, NULL, &err));
  CHECK_OK(t2i_output_save(client, task, 0, "four-calls.png", T2I_NTS, 0, 0, &err));
  CHECK(stat("four-calls.png", &file) == 0 && S_ISREG(file.st_mode));
  close_client(client);
}

/* ---- events ---- */

static void theEndIsToldOnceAndLast(const char *config, uint32_t flags) {
  t2i_client client = open_client(config, flags);
  t2i_submit_opts opts = T2I_SUBMIT_OPTS_INIT;
  t2i_event event = T2I_EVENT_INIT;
  t2i_task task = 0;
  uint64_t seq = 0;
  int32_t permille = -1;
  int states = 0, reports = 0, outputs = 0, ends = 0;
  opts.user = UINT64_MAX;
  must(t2i_submit(client, FOX, T2I_NTS, &opts, &task, &err), "submit");
  while (ends == 0) {
    must(t2i_next_event(client, &event, slowly(10000), &err), "next_event");
    CHECK(event.task == task && event.user == UINT64_MAX && event.seq > seq && event.struct_size == sizeof event);
    seq = event.seq;
    switch (event.kind) {
    case T2I_EV_STATE:
      states++;
      permille = -1;
      CHECK(event.state < 64 && event.status == T2I_OK && event.output_index == -1);
      break;
    case T2I_EV_PROGRESS:
      reports++;
      CHECK(event.state == T2I_S_RUNNING && event.progress_permille > permille && event.output_index == -1);
      permille = event.progress_permille;
      break;
    case T2I_EV_OUTPUT:
      CHECK(event.output_index == outputs);
      outputs++;
      break;
    default:
      CHECK(event.kind == T2I_EV_FINAL && event.state == T2I_S_SUCCEEDED && event.status == T2I_OK);
      ends++;
    }
  }
  CHECK(outputs == 1 && ((states >= 1 && reports >= 1) || !has(config, "simulate")));
  CHECK_STATUS(T2I_EMPTY, t2i_next_event(client, &event, 0, &err));
  CHECK_STATUS(T2I_TIMEOUT, t2i_next_event(client, &event, 20, &err));
  close_client(client);
}

static void whatNobodyTookIsToldAsTheLatest(void) {
  t2i_client client = open_client("{\"provider\":\"sketch\",\"simulate\":{\"latencyMs\":40,\"steps\":20}}", 0);
  t2i_event event = T2I_EVENT_INIT;
  t2i_task tasks[2];
  tasks[0] = submit(client, FOX);
  tasks[1] = submit(client, "{\"promptText\":\"two\",\"model\":\"gpt_image_2\",\"outputCount\":2,\"ratio\":\"64:64\"}");
  CHECK_OK(t2i_wait(client, tasks, 2, T2I_WAIT_ALL, slowly(10000), NULL, &err));
  int outputs = 0, ends = 0, others = 0;
  while (t2i_next_event(client, &event, 0, &err) == T2I_OK) {
    outputs += event.kind == T2I_EV_OUTPUT;
    ends += event.kind == T2I_EV_FINAL;
    others += event.kind != T2I_EV_OUTPUT && event.kind != T2I_EV_FINAL;
  }
  CHECK(outputs == 3 && ends == 2 && others == 0);
  close_client(client);
}

static void anEventNobodyTookIsGoneWithItsTask(void) {
  t2i_client client = open_client(SKETCH, 0);
  t2i_event event = T2I_EVENT_INIT;
  intptr_t descriptor;
  must(t2i_client_fd(client, &descriptor, &err), "fd");
  t2i_task task = submit(client, FOX);
  CHECK(ended(client, task) == T2I_OK);
  CHECK(is_readable(descriptor, slowly(1000)));
  CHECK_OK(t2i_task_close(client, task));
  rest_ms(20);
  CHECK(!is_readable(descriptor, 0));
  CHECK_STATUS(T2I_EMPTY, t2i_next_event(client, &event, 0, &err));
  close_client(client);
}

/* ---- reading a task ---- */

static void aFinishedTaskCanBeRead(void) {
  t2i_client client = open_client(SKETCH, 0);
  t2i_task task = submit(client, "{\"promptText\":\"a fox\",\"ratio\":\"80:64\",\"seed\":7}"), listed[2];
  t2i_task_info info = T2I_TASK_INFO_INIT;
  t2i_output_info output = T2I_OUTPUT_INFO_INIT;
  t2i_error ending = T2I_ERROR_INIT;
  char *json = NULL;
  size_t length = 0, count = 0;
  CHECK(ended(client, task) == T2I_OK);
  CHECK_OK(t2i_task_get(client, task, &info, &err));
  CHECK(info.state == T2I_S_SUCCEEDED && info.status == T2I_OK && info.output_count == 1 && info.flags == 0);
  CHECK(info.created_unix_ms > 1700000000000 && info.updated_unix_ms >= info.created_unix_ms);
  CHECK(info.millicredits_reserved == 0 && info.millicredits_spent == 0 && info.struct_size == sizeof info);
  CHECK(t2i_task_error(client, task, &ending) == T2I_OK && ending.status == 0 && ending.message[0] == 0);
  CHECK_OK(t2i_output_get(client, task, 0, &output, &err));
  CHECK(output.width == 80 && output.height == 64 && strcmp(output.mime, "image/png") == 0);
  CHECK(output.bytes_have == output.bytes_total && output.expires_unix_ms == 0);
  CHECK_REFUSED(T2I_E_ARG, "i", t2i_output_get(client, task, 1, &output, E));
  CHECK_REFUSED(T2I_E_ARG, "i", t2i_output_get(client, task, UINT32_MAX, &output, E));
  CHECK_OK(t2i_task_json(client, task, &json, &length, &err));
  CHECK(strlen(json) == length && has(json, "\"state\":\"SUCCEEDED\"") && has(json, "\"status\":\"T2I_OK\""));
  CHECK(has(json, "\"provider\":\"sketch\"") && has(json, "\"seed\":7") && has(json, "\"sha256\":\""));
  CHECK(!has(json, "\"failure\"") && has(json, "\"millicredits\":0,\"certainty\":\"known\""));
  t2i_free(json);

  t2i_task other = submit(client, FOX);
  CHECK_OK(t2i_task_list(client, listed, 2, &count, &err));
  CHECK(count == 2 && listed[0] == task && listed[1] == other);
  CHECK_STATUS(T2I_MORE, t2i_task_list(client, listed, 1, &count, &err));
  CHECK(count == 2 && listed[0] == task);
  CHECK_OK(t2i_task_list(client, NULL, 0, &count, &err));
  CHECK(count == 2);
  CHECK_OK(t2i_task_close(client, task));
  CHECK_OK(t2i_task_list(client, listed, 2, &count, &err));
  CHECK(count == 1 && listed[0] == other);
  close_client(client);
}

static void aLiveTaskIsPending(void) {
  t2i_client client = open_client(SLOW_SKETCH, 0);
  t2i_task task = submit(client, FOX);
  t2i_output_info output = T2I_OUTPUT_INFO_INIT;
  void *data = NULL;
  char *json = NULL;
  size_t length = 7;
  CHECK_STATUS(T2I_PENDING, t2i_output_get(client, task, 0, &output, &err));
  CHECK_STATUS(T2I_PENDING, t2i_task_error(client, task, &err));
  CHECK_STATUS(T2I_TIMEOUT, t2i_output_read(client, task, 0, 20, &data, &length, &err));
  CHECK_STATUS(T2I_TIMEOUT, t2i_output_save(client, task, 0, "pending.png", T2I_NTS, 0, 0, &err));
  CHECK_STATUS(T2I_TIMEOUT, t2i_wait(client, &task, 1, T2I_WAIT_ANY, 0, &length, &err));
  CHECK(access("pending.png", F_OK) != 0 && data == NULL && length == 7 && output.width == 0);
  CHECK_OK(t2i_client_stats(client, &json, &length, &err));
  CHECK(has(json, "\"tasks\":{\"PENDING\":1}") || has(json, "\"tasks\":{\"QUEUED\":1}"));
  t2i_free(json);
  close_client(client);
}

/* ---- how tasks fail ---- */

static void aSimulatedFailureSaysWhatItWas(const char *code, t2i_status status, uint32_t flags) {
  const char *config = text("{\"provider\":\"sketch\",\"simulate\":{\"failureCode\":\"%s\"}}", code);
  t2i_client client = open_client(config, 0);
  t2i_task task = submit(client, FOX);
  t2i_task_info info = T2I_TASK_INFO_INIT;
  t2i_output_info output = T2I_OUTPUT_INFO_INIT;
  t2i_event event = T2I_EVENT_INIT;
  void *data = NULL;
  char *json = NULL;
  size_t length = 7;
  CHECK_STATUS(status, ended(client, task));
  CHECK(err.status == status && err.flags == flags && has(err.message, code));
  CHECK_OK(t2i_task_get(client, task, &info, &err));
  CHECK(info.state == T2I_S_FAILED && info.status == status && info.flags == flags && info.output_count == 0);
  CHECK_REFUSED(status, "", t2i_output_get(client, task, 0, &output, E));
  CHECK_REFUSED(status, "", t2i_output_read(client, task, 0, T2I_FOREVER, &data, &length, E));
  CHECK_REFUSED(status, "", t2i_output_save(client, task, 0, "failed.png", T2I_NTS, 0, T2I_FOREVER, E));
  CHECK(err.flags == flags && access("failed.png", F_OK) != 0 && data == NULL && length == 7);
  while (t2i_next_event(client, &event, slowly(2000), &err) == T2I_OK && event.kind != T2I_EV_FINAL) {}
  CHECK(event.kind == T2I_EV_FINAL && event.state == T2I_S_FAILED && event.status == status);
  CHECK_OK(t2i_task_json(client, task, &json, &length, &err));
  CHECK(has(json, "\"state\":\"FAILED\"") && has(json, text("\"code\":\"%s\"", code)));
  CHECK(has(json, text("\"status\":\"%s\"", t2i_status_name(status))));
  t2i_free(json);
  close_client(client);
}

static void aDeadlineEndsTheTask(uint32_t flags) {
  t2i_client client = open_client(SLOW_SKETCH, flags);
  t2i_submit_opts opts = T2I_SUBMIT_OPTS_INIT;
  t2i_task task = 0;
  int64_t begun = now_ms();
  opts.deadline_ms = 40;
  must(t2i_submit(client, FOX, T2I_NTS, &opts, &task, &err), "submit");
  CHECK_STATUS(T2I_E_DEADLINE, ended(client, task));
  CHECK(now_ms() - begun >= 40 && now_ms() - begun < slowly(200));
  CHECK(state_of(client, task) == T2I_S_FAILED);
  opts.deadline_ms = INT64_MAX;
  must(t2i_submit(client, FOX, T2I_NTS, &opts, &task, &err), "submit");
  CHECK_STATUS(T2I_TIMEOUT, t2i_wait(client, &task, 1, T2I_WAIT_ALL, 20, NULL, &err));
  close_client(client);
}

static void aCancelTakesLessThan50Milliseconds(const char *config, uint32_t flags, uint32_t how) {
  t2i_client client = open_client(config, flags);
  t2i_task task = submit(client, "{\"promptText\":\"a large sea\",\"ratio\":\"4096:4096\"}");
  t2i_status status;
  t2i_wait(client, &task, 1, T2I_WAIT_ALL, 30, NULL, &err);
  int64_t begun = now_ms();
  CHECK_OK(t2i_task_cancel(client, task, how, &err));
  status = ended(client, task);
  CHECK(now_ms() - begun < slowly(50));
  if (status != T2I_OK) {
    CHECK(status == T2I_E_CANCELLED && has(err.message, "cancelled") && err.flags == 0);
    CHECK(state_of(client, task) == T2I_S_CANCELLED);
  }
  /* Cancelling what has ended does nothing and succeeds. */
  CHECK_OK(t2i_task_cancel(client, task, how, &err));
  CHECK(t2i_task_error(client, task, &err) == status);
  close_client(client);
}

/* A task that failed asks for no more of the processor than one that succeeded. */
static void aLibraryWithoutWorkRests(const char *config) {
  t2i_client client = open_client(config, 0);
  t2i_task task = submit(client, FOX);
  ended(client, task);
  rest_ms(slowly(50));
  int64_t begun = busy_ms();
  rest_ms(200);
  CHECK(busy_ms() - begun < 50);
  close_client(client);
}

int main(void) {
  begin();
  fourCallsMakeAPicture();
  const char *timed = text("{\"provider\":\"sketch\",\"simulate\":{\"latencyMs\":%d}}", (int)slowly(60));
  theEndIsToldOnceAndLast(timed, 0);
  theEndIsToldOnceAndLast(timed, T2I_OPEN_PUMPED);
  theEndIsToldOnceAndLast(SKETCH, 0);
  theEndIsToldOnceAndLast("{\"provider\":\"sketch\",\"paintThreads\":0}", T2I_OPEN_PUMPED);
  whatNobodyTookIsToldAsTheLatest();
  anEventNobodyTookIsGoneWithItsTask();
  aFinishedTaskCanBeRead();
  aLiveTaskIsPending();
  aSimulatedFailureSaysWhatItWas("SAFETY.INPUT.TEXT", T2I_E_MODERATED, T2I_ERR_MAY_HAVE_SPENT);
  aSimulatedFailureSaysWhatItWas("SAFETY.OUTPUT", T2I_E_MODERATED, T2I_ERR_MAY_HAVE_SPENT);
  aSimulatedFailureSaysWhatItWas("INPUT_PREPROCESSING.SAFETY.TEXT", T2I_E_MODERATED, 0);
  aSimulatedFailureSaysWhatItWas("ASSET.INVALID", T2I_E_REJECTED, 0);
  aSimulatedFailureSaysWhatItWas("THIRD_PARTY.UNAVAILABLE", T2I_E_FAILED, T2I_ERR_RETRYABLE);
  aSimulatedFailureSaysWhatItWas("INTERNAL.BAD_OUTPUT.CODE01", T2I_E_FAILED, T2I_ERR_RETRYABLE);
  aSimulatedFailureSaysWhatItWas("A.CODE.NOBODY.KNOWS", T2I_E_FAILED, T2I_ERR_RETRYABLE);
  aDeadlineEndsTheTask(0);
  aDeadlineEndsTheTask(T2I_OPEN_PUMPED);
  for (uint32_t how = T2I_CANCEL_LOCAL; how <= T2I_CANCEL_REMOTE; how++) {
    aCancelTakesLessThan50Milliseconds(SLOW_SKETCH, 0, how);
    aCancelTakesLessThan50Milliseconds(SLOW_SKETCH, T2I_OPEN_PUMPED, how);
    aCancelTakesLessThan50Milliseconds(SKETCH, 0, how);
    aCancelTakesLessThan50Milliseconds("{\"provider\":\"sketch\",\"paintThreads\":0}", T2I_OPEN_PUMPED, how);
  }
  aLibraryWithoutWorkRests(SKETCH);
  aLibraryWithoutWorkRests("{\"provider\":\"sketch\",\"simulate\":{\"failureCode\":\"ASSET\"}}");
  return finish();
}
