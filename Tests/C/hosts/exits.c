/* A host that exits with tasks alive while the resolver hangs, as it does on a captive network. It defines getaddrinfo
 * itself, so every question for an address waits for ever. exit(), and returning from main, take 250 ms at the most;
 * and shutdown, asked before, says what is left.
 *
 * cc: -rdynamic */
#include "host.h"

#include <netdb.h>

static int asked;

/* Found before libc's, by libcurl as well. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result) {
  (void)node, (void)service, (void)hints, (void)result;
  add(&asked);
  for (;;) pause();
}

/* Nobody has this name; nobody is asked. */
#define NOWHERE                                                                                                        \
  "{\"provider\":\"runway\",\"apiKey\":\"key_0123456789abcdef\",\"baseUrl\":\"https://api.example.invalid\","          \
  "\"environment\":false,\"journal\":%s}"

/* Opens clients whose questions hang, and waits until they do. */
static t2i_client hang(const char *journal) {
  t2i_client client = open_driven(text(NOWHERE, journal));
  t2i_task task = 0;
  for (int i = 0; i < 4; i++) task = submit(client, HD_FOX);
  for (int64_t end = now_ms() + slowly(5000); !get(&asked) && now_ms() < end;)
    t2i_wait(client, &task, 1, T2I_WAIT_ALL, 5, NULL, NULL);
  return client;
}

/* How long a child takes from its last line to its end: with a journal, without, and with a client that is closing. */
static int64_t time_of_end(int way) {
  int pipes[2];
  int64_t leaving = 0;
  if (pipe(pipes) != 0) abort();
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    /* Nothing was opened before this fork, so the child is a host of its own. */
    alarm((unsigned)slowly(20));
    t2i_client client = hang(way == 2 ? "null" : "\"journal.sqlite\"");
    if (!get(&asked)) _exit(9);
    if (way == 2) t2i_client_close(client, 0, NULL);
    leaving = now_ms();
    if (write(pipes[1], &leaving, sizeof leaving) != sizeof leaving) _exit(8);
    /* Streams of the parent are none of ours to flush. */
    exit(7);
  }
  int code = exit_code_of(child);
  int64_t ended_at = now_ms();
  if (!CHECK(code == 7)) printf("  exit code %d\n", code);
  CHECK(read(pipes[0], &leaving, sizeof leaving) == sizeof leaving);
  close(pipes[0]), close(pipes[1]);
  return ended_at - leaving;
}

static int is_empty_list(const char *leaks, size_t length) { return length == 2 && has(leaks, "[]"); }

static void shutdownTellsTheTruth(void) {
  char *leaks = NULL;
  size_t length = 0;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    alarm((unsigned)slowly(20));
    check_failed = 0;
    hang("null");
    int threads = thread_count();
    int64_t begun = now_ms();
    t2i_status status = t2i_shutdown(300, &leaks, &length);
    CHECK(now_ms() - begun < slowly(1500));
    /* OK would say that no thread is left. */
    CHECK((status == T2I_OK) == has_threads(1));
    CHECK((status == T2I_OK) == is_empty_list(leaks, length));
    printf("counted: shutdown with a hanging resolver: %s, %s; %d threads before, %d after\n", t2i_status_name(status),
           leaks ? leaks : "", threads, thread_count());
    fflush(stdout);
    _exit(check_failed ? 1 : 0);
  }
  CHECK(exit_code_of(child) == 0);
}

int main(int argc, char **argv) {
  begin_host(argc, argv);
  int64_t worst = 0;
  for (int way = 0; way < 3; way++)
    for (int i = either(5, 2); i > 0; i--) {
      int64_t taken = time_of_end(way);
      if (taken > worst) worst = taken;
    }
  CHECK(worst <= slowly(250));
  shutdownTellsTheTruth();
  counted("exit() with tasks alive and a resolver that hangs: %d ms at the most", (int)worst);
  return finish();
}
