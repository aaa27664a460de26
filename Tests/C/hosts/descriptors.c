/* Hosts that are short of descriptors, or without the first three. A daemon that closed 0, 1 and 2 must not find our
 * sockets there, and nothing of ours written to them. One whose limit is reached is told so, at every possible moment,
 * and works again as soon as there is room. */
#include "host.h"

/* Where 0, 1 and 2 are free, SQLite fills them with /dev/null for good, so that nothing it opens lands there. */
static int is_filled_by_sqlite(int descriptor) {
  char target[32] = "";
  return descriptor < 3 && readlink(text("/proc/self/fd/%d", descriptor), target, sizeof target - 1) > 0 &&
         strcmp(target, "/dev/null") == 0;
}

/* The lowest of our descriptors, and how many another program would inherit. */
static void look(int *lowest, int *inherited) {
  *lowest = 1000, *inherited = 0;
  for (int i = 0; i < 256; i++) {
    int flags = fcntl(i, F_GETFD);
    if (flags < 0 || i >= 200 || is_filled_by_sqlite(i)) continue;
    if (i < *lowest) *lowest = i;
    *inherited += !(flags & FD_CLOEXEC);
  }
}

struct seen {
  t2i_status status;
  int lowest, inherited, looks;
};

/* A task of this config, and at each step a look at what is open. */
static struct seen live(const char *config) {
  struct seen seen = {T2I_OK, 1000, 0, 0};
  t2i_client client = 0;
  t2i_task task = 0;
  intptr_t descriptor = -1;
  int lowest, inherited;
  seen.status = try_open(config, &client);
  if (seen.status == T2I_OK) seen.status = t2i_client_fd(client, &descriptor, &err);
  if (seen.status == T2I_OK) seen.status = t2i_submit(client, HD_FOX, T2I_NTS, NULL, &task, &err);
  for (int64_t end = now_ms() + slowly(10000); seen.status == T2I_OK && now_ms() < end; seen.looks++) {
    t2i_status waited = t2i_wait(client, &task, 1, T2I_WAIT_ALL, 1, NULL, &err);
    look(&lowest, &inherited);
    if (lowest < seen.lowest) seen.lowest = lowest;
    /* What counts is what stays: OpenSSL reads its settings through a descriptor that is. */
    seen.inherited = inherited;
    if (waited == T2I_OK) break;
  }
  if (seen.status == T2I_OK) seen.status = t2i_task_error(client, task, &err);
  if (seen.status == T2I_OK)
    seen.status = t2i_output_save(client, task, 0, "daemon.png", T2I_NTS, T2I_SAVE_REPLACE, slowly(5000), &err);
  t2i_client_close(client, slowly(5000), NULL);
  return seen;
}

static void aDaemonWithoutStandardStreams(const char *config, int may_inherit, const char *name) {
  char *kept = strdup(config);
  int saved[3];
  fflush(stdout);
  for (int i = 0; i < 3; i++) saved[i] = fcntl(i, F_DUPFD_CLOEXEC, 200);
  for (int i = 0; i < 3; i++) close(i);
  struct seen seen = live(kept);
  int low = 0;
  for (int i = 0; i < 3; i++) low += fcntl(i, F_GETFD) >= 0 && !is_filled_by_sqlite(i);
  for (int i = 0; i < 3; i++) dup2(saved[i], i), close(saved[i]);
  CHECK_STATUS(T2I_OK, seen.status);
  CHECK(low == 0);
  if (!CHECK(seen.lowest >= 3)) printf("  %s: %d was ours\n", name, seen.lowest);
  if (!CHECK(seen.inherited <= may_inherit)) printf("  %s: %d would be inherited\n", name, seen.inherited);
  counted("without 0 to 2, %s: the lowest of ours was %d, %d inheritable, in %d looks", name, seen.lowest,
          seen.inherited, seen.looks);
  free(kept);
}

/* With room for so many more descriptors, every call answers, in time, with a number that has a name. */
static t2i_status live_with_room(const char *config, int more) {
  struct rlimit before, low;
  t2i_client client = 0;
  t2i_task task = 0;
  intptr_t descriptor;
  getrlimit(RLIMIT_NOFILE, &before);
  low = before;
  low.rlim_cur = (rlim_t)(descriptor_count() + more);
  setrlimit(RLIMIT_NOFILE, &low);
  t2i_status status = try_open(config, &client);
  if (status == T2I_OK) status = t2i_client_fd(client, &descriptor, &err);
  if (status == T2I_OK) status = t2i_submit(client, HD_FOX, T2I_NTS, NULL, &task, &err);
  if (status == T2I_OK) status = t2i_wait(client, &task, 1, T2I_WAIT_ALL, 300, NULL, &err);
  if (status == T2I_OK) status = t2i_task_error(client, task, &err);
  if (status == T2I_OK)
    status = t2i_output_save(client, task, 0, "short.png", T2I_NTS, T2I_SAVE_REPLACE, 300, &err);
  CHECK(status >= 0 || (err.message[0] != 0 && err.status == status));
  if (client) CHECK(t2i_client_close(client, slowly(5000), NULL) == T2I_OK);
  setrlimit(RLIMIT_NOFILE, &before);
  return status;
}

static void aHostThatHasReachedItsLimit(const char *config, const char *name) {
  char *kept = strdup(config);
  int threads = thread_count(), refused = 0, worked = 0, late = 0;
  CHECK(live_with_room(kept, 60) == T2I_OK);
  int descriptors = descriptor_count();
  for (int more = 0; more <= 24; more += either(1, 3)) {
    t2i_status status = live_with_room(kept, more);
    refused += status < 0, worked += status == T2I_OK, late += status > 0;
    CHECK(descriptor_count() == descriptors);
  }
  CHECK(worked > 0 && has_threads(threads));
  CHECK(live_with_room(kept, 60) == T2I_OK);
  counted("with 0 to 24 descriptors more, %s: %d refused with a sentence, %d went without a picture, %d worked", name,
          refused, late, worked);
  free(kept);
}

int main(int argc, char **argv) {
  begin_host(argc, argv);
  CHECK(tell_service("reset", "{\"runningMs\":30,\"pendingMs\":10}"));
  aDaemonWithoutStandardStreams(SKETCH, 0, "sketch");
  /* The pair of sockets that libcurl brings for each of its two sets. */
  aDaemonWithoutStandardStreams(hosted(""), 4, "hosted");
  aDaemonWithoutStandardStreams(hosted_tls(",\"journal\":\"journal.sqlite\""), 4, "hosted, with a journal");
  aHostThatHasReachedItsLimit(SKETCH, "sketch");
  aHostThatHasReachedItsLimit(hosted(""), "hosted");
  aHostThatHasReachedItsLimit(hosted_tls(",\"journal\":\"short.sqlite\""), "hosted over TLS, with a journal");
  CHECK(tell_service("reset", "{}"));
  CHECK(t2i_shutdown(slowly(5000), NULL, NULL) == T2I_OK && has_threads(1));
  return finish();
}
