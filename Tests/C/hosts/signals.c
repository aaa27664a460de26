/* A host that left every signal as the system has it: a write to a closed connection would end it. Hundreds of TLS
 * connections are reset under the library's hands, in its thread and in the host's. And whatever a process has one of
 * (dispositions, masks, stacks, folder, locale, environment, limits, streams, descriptors) is compared before and
 * after.
 *
 * cc: -lm */
#include "host.h"

#include <fenv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>

extern char **environ;

/* Every descriptor with what it is; sockets and pipes have numbers that tell them apart. */
static char *descriptors(char *end, size_t room) {
  for (int i = 0; i < 256; i++) {
    char target[256];
    ssize_t size = readlink(text("/proc/self/fd/%d", i), target, sizeof target - 1);
    if (size < 0) continue;
    target[size] = 0;
    int written = snprintf(end, room, "fd %d: %s, %x, %x\n", i, target, (unsigned)fcntl(i, F_GETFD),
                           (unsigned)fcntl(i, F_GETFL));
    end += written, room -= (size_t)written;
  }
  return end;
}

/* Everything of the process that a library could disturb, a line each. */
static char *process(void) {
  char *room = (char *)calloc(1, 1 << 18), *end = room, folder[4096], name[17] = "";
  char *limit = room + (1 << 18);
  struct sigaction action;
  struct itimerval timer;
  sigset_t mask, pending;
  stack_t stack;
  mode_t mode = umask(0);
  umask(mode);
  pthread_sigmask(SIG_SETMASK, NULL, &mask);
  sigpending(&pending);
  sigaltstack(NULL, &stack);
  prctl(PR_GET_NAME, name);
  for (int number = 1; number < 65; number++) {
    memset(&action, 0, sizeof action);
    if (sigaction(number, NULL, &action) != 0) continue;
    end += sprintf(end, "signal %d: %p %x, blocked %d, pending %d\n", number, *(void **)&action.sa_handler,
                   (unsigned)action.sa_flags, sigismember(&mask, number), sigismember(&pending, number));
  }
  end += sprintf(end, "stack %p %zu %x\n", stack.ss_sp, stack.ss_size, (unsigned)stack.ss_flags);
  end += sprintf(end, "folder %s, umask %o\n", getcwd(folder, sizeof folder) ? folder : "", (unsigned)mode);
  end += sprintf(end, "locale %s, of this thread %p\n", setlocale(LC_ALL, NULL), (void *)uselocale((locale_t)0));
  end += sprintf(end, "rounding %d, traps %x\n", fegetround(), (unsigned)fegetexcept());
  end += sprintf(end, "name %s, dumpable %d, nice %d\n", name, prctl(PR_GET_DUMPABLE), getpriority(PRIO_PROCESS, 0));
  for (int kind = 0; kind < 3; kind++) {
    getitimer(kind, &timer);
    end += sprintf(end, "timer %d: %ld\n", kind, (long)timer.it_value.tv_sec / 3600);
  }
  for (int resource = 0; resource < RLIM_NLIMITS; resource++) {
    struct rlimit value;
    if (getrlimit(resource, &value) == 0)
      end += sprintf(end, "limit %d: %llu %llu\n", resource, (unsigned long long)value.rlim_cur,
                     (unsigned long long)value.rlim_max);
  }
  end = descriptors(end, (size_t)(limit - end));
  end += sprintf(end, "environment at %p\n", (void *)environ);
  for (char **variable = environ; *variable && limit - end > 8192; variable++)
    end += snprintf(end, 4096, "%p %.2000s\n", (void *)*variable, *variable);
  return room;
}

/* The first lines that differ, told. */
static int is_as_before(const char *before, const char *when) {
  char *now = process();
  const char *left = before, *right = now;
  while (*left && *left == *right) left++, right++;
  int same = *left == *right;
  while (!same && left > before && left[-1] != '\n') left--, right--;
  int was = (int)strcspn(left, "\n"), is = (int)strcspn(right, "\n");
  if (!same) printf("  %s: was %.*s\n  is %.*s\n", when, was, left, is, right);
  free(now);
  return same;
}

static void onSignal(int number) { (void)number; }

/* A task from open to close, and the process looked at on the way. */
static void live(const char *config, const char *name) {
  char *saved = strdup(config);
  char *before = process();
  t2i_client client = open_driven(saved);
  t2i_task task = submit(client, HD_FOX);
  CHECK(ended(client, task) == T2I_OK);
  CHECK_OK(t2i_output_save(client, task, 0, "process.png", T2I_NTS, T2I_SAVE_REPLACE, slowly(5000), &err));
  close_client(client);
  CHECK(t2i_shutdown(slowly(5000), NULL, NULL) == T2I_OK);
  CHECK(is_as_before(before, name));
  free(before), free(saved);
}

/* So many paid submits whose connections die in one of two ways. Each ends AMBIGUOUS: none is tried again. */
static void submitsAreReset(int resets, const char *after) {
  t2i_client client = open_driven(strdup(hosted_tls(",\"journal\":null,\"maxSubmitting\":16")));
  t2i_task *tasks = (t2i_task *)calloc((size_t)resets, sizeof *tasks);
  int ambiguous = 0;
  CHECK(tell_service("reset", "{}"));
  CHECK(tell_service("scenario", text("[{\"on\":\"POST /v1/text_to_image\",\"times\":%d,\"fault\":{\"do\":\"reset\","
                                      "\"after\":\"%s\"}}]", resets, after)));
  for (int i = 0; i < resets; i++) tasks[i] = submit(client, HD_FOX);
  CHECK_OK(t2i_wait(client, tasks, (size_t)resets, T2I_WAIT_ALL, slowly(120000), NULL, &err));
  for (int i = 0; i < resets; i++) ambiguous += state_of(client, tasks[i]) == T2I_S_AMBIGUOUS;
  CHECK(ambiguous == resets);
  close_client(client);
  free(tasks);
  CHECK(tell_service("reset", "{}"));
}

/* A broken pipe that the host itself holds back and has waiting is still waiting afterwards, and none is where none
 * was. */
static void aBrokenPipeOfTheHostIsKept(void) {
  sigset_t pipe_only, pending;
  struct timespec none = {0, 0};
  sigemptyset(&pipe_only), sigaddset(&pipe_only, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_only, NULL);
  for (int waiting = 0; waiting < 2; waiting++) {
    if (waiting) pthread_kill(pthread_self(), SIGPIPE);
    submitsAreReset(5, "request");
    sigpending(&pending);
    if (!CHECK(sigismember(&pending, SIGPIPE) == waiting)) printf("  %d was waiting\n", waiting);
  }
  sigtimedwait(&pipe_only, NULL, &none);
  pthread_sigmask(SIG_UNBLOCK, &pipe_only, NULL);
}

int main(int argc, char **argv) {
  begin_host(argc, argv);
  static unsigned char other_stack[65536];
  stack_t stack = {other_stack, 0, sizeof other_stack};
  struct sigaction action, pipe_action;
  int resets = either(500, 60);
  memset(&action, 0, sizeof action);
  action.sa_handler = onSignal, action.sa_flags = SA_ONSTACK | SA_RESTART;
  sigaction(SIGUSR2, &action, NULL);
  sigaltstack(&stack, NULL);
  signal(SIGPIPE, SIG_DFL);
  umask(027);
  fesetround(FE_UPWARD);
  /* What libcurl, OpenSSL and SQLite set up once, at their first use, is theirs. */
  live(hosted_tls(""), "for the first time");
  live(hosted_tls(""), "hosted, with a journal");
  live(hosted(",\"fetch\":\"lazy\""), "hosted");
  live(SKETCH, "sketch");
  submitsAreReset(resets, "request");
  submitsAreReset(resets, "head");
  aBrokenPipeOfTheHostIsKept();
  sigaction(SIGPIPE, NULL, &pipe_action);
  CHECK(pipe_action.sa_handler == SIG_DFL);
  counted("%d TLS connections reset with SIGPIPE as the system has it; four lives of a task left the process as it was",
          2 * resets + 10);
  return finish();
}
