/* A library that pretends: its one task ends as the environment says, so that the tests of the tool can meet the ends
 * that no offline painter has: money, a network, a service that does not let go.
 *
 *   PRETEND_STATUS   how the task ends, a t2i_status
 *   PRETEND_FLAGS    T2I_ERR_... of that end
 *   PRETEND_SPENT    millicredits; absent: not known
 *   PRETEND_STUCK    it never ends, whatever is asked */
#define _POSIX_C_SOURCE 200809L
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "t2i.h"

static atomic_int woken;
static t2i_task alive;
static int told;

static int number(const char *name) {
  const char *said = getenv(name);
  return said ? atoi(said) : 0;
}

static void fail(t2i_error *error) {
  error->status = number("PRETEND_STATUS");
  error->flags = (uint32_t)number("PRETEND_FLAGS");
  snprintf(error->message, sizeof error->message, "it pretends");
}

static t2i_status give(const char *json, char **out, size_t *length) {
  *out = strdup(json);
  *length = strlen(json);
  return T2I_OK;
}

uint32_t t2i_version(void) { return T2I_VERSION; }
const char *t2i_build_info(void) { return "pretended"; }
const char *t2i_status_name(t2i_status status) { return status ? "T2I_E" : "T2I_OK"; }
void t2i_free(void *memory) { free(memory); }

t2i_status t2i_client_open(const char *config, size_t length, const t2i_client_opts *opts, t2i_client *out,
                           t2i_error *err) {
  (void)config, (void)length, (void)opts, (void)err;
  *out = 1;
  return T2I_OK;
}

t2i_status t2i_client_close(t2i_client c, int64_t timeout_ms, t2i_error *err) {
  (void)c, (void)timeout_ms, (void)err;
  return T2I_OK;
}

t2i_status t2i_client_stats(t2i_client c, char **json, size_t *length, t2i_error *err) {
  (void)c, (void)err;
  return give("{}", json, length);
}

t2i_status t2i_client_wake(t2i_client c) {
  (void)c;
  woken = 1;
  return T2I_OK;
}

t2i_status t2i_models(t2i_client c, char **json, size_t *length, t2i_error *err) {
  (void)c, (void)err;
  return give("[]", json, length);
}

t2i_status t2i_check(t2i_client c, const char *req, size_t req_length, char **report, size_t *length, t2i_error *err) {
  (void)c, (void)req, (void)req_length, (void)err;
  return give("{\"ok\":true,\"errors\":[],\"warnings\":[]}", report, length);
}

t2i_status t2i_submit(t2i_client c, const char *req, size_t length, const t2i_submit_opts *opts, t2i_task *out,
                      t2i_error *err) {
  (void)c, (void)req, (void)length, (void)opts, (void)err;
  *out = ++alive;
  return T2I_OK;
}

t2i_status t2i_next_event(t2i_client c, t2i_event *out, int64_t timeout_ms, t2i_error *err) {
  const struct timespec moment = {0, 10000000};
  (void)c, (void)err;
  if (getenv("PRETEND_STUCK") || told == (int)alive) {
    for (int64_t waited = 0; waited < timeout_ms; waited += 10) {
      if (atomic_exchange(&woken, 0)) return T2I_WOKEN;
      nanosleep(&moment, NULL);
    }
    return timeout_ms ? T2I_TIMEOUT : T2I_EMPTY;
  }
  out->kind = T2I_EV_FINAL;
  out->task = (t2i_task)++told;
  out->state = number("PRETEND_STATUS") ? T2I_S_FAILED : T2I_S_SUCCEEDED;
  return T2I_OK;
}

t2i_status t2i_task_get(t2i_client c, t2i_task t, t2i_task_info *out, t2i_error *err) {
  (void)c, (void)t, (void)err;
  out->output_count = 2;
  return T2I_OK;
}

t2i_status t2i_task_json(t2i_client c, t2i_task t, char **json, size_t *length, t2i_error *err) {
  char report[128];
  const char *spent = getenv("PRETEND_SPENT");
  (void)c, (void)t, (void)err;
  snprintf(report, sizeof report, "{\"token\":\"runway:1\"%s%s}", spent ? ",\"spent\":" : "", spent ? spent : "");
  return give(report, json, length);
}

t2i_status t2i_task_error(t2i_client c, t2i_task t, t2i_error *out) {
  (void)c, (void)t;
  fail(out);
  return out->status;
}

t2i_status t2i_task_cancel(t2i_client c, t2i_task t, uint32_t how, t2i_error *err) {
  (void)c, (void)t, (void)how, (void)err;
  return T2I_OK;
}

t2i_status t2i_task_close(t2i_client c, t2i_task t) {
  (void)c, (void)t;
  return T2I_OK;
}

t2i_status t2i_output_save(t2i_client c, t2i_task t, uint32_t i, const char *path, size_t length, uint32_t flags,
                           int64_t timeout_ms, t2i_error *err) {
  (void)c, (void)t, (void)i, (void)path, (void)length, (void)flags, (void)timeout_ms, (void)err;
  return T2I_OK;
}
