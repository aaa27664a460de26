/* The process is the host's: its signals, locale, descriptors, environment and children are as it left them. */
#include "check.h"

#define SHORT_SKETCH "{\"provider\":\"sketch\",\"simulate\":{\"latencyMs\":300}}"

/* ---- fork ---- */

/* In the child of a process that has used the library. 0 when everything is refused as it should be. */
static int nothing_works(t2i_client client, t2i_task task) {
  t2i_client another = 99;
  t2i_event event = T2I_EVENT_INIT;
  t2i_task_info info = T2I_TASK_INFO_INIT;
  t2i_output_info output = T2I_OUTPUT_INFO_INIT;
  t2i_error ending = T2I_ERROR_INIT;
  char *json = NULL;
  void *data = NULL;
  size_t length = 7;
  intptr_t descriptor;
  check_failed = 0;
  CHECK(t2i_version() == T2I_VERSION && t2i_build_info() != NULL && t2i_has("sketch") == T2I_OK);
  CHECK(has(t2i_status_name(T2I_E_FORKED), "T2I_E_FORKED"));
  CHECK_REFUSED(T2I_E_FORKED, "", t2i_client_open(SKETCH, T2I_NTS, NULL, &another, E));
  CHECK(t2i_shutdown(T2I_FOREVER, NULL, NULL) == T2I_E_FORKED);
  CHECK_REFUSED(T2I_E_FORKED, "", t2i_client_close(client, T2I_FOREVER, E));
  CHECK_REFUSED(T2I_E_FORKED, "", t2i_client_stats(client, &json, &length, E));
  CHECK_REFUSED(T2I_E_FORKED, "", t2i_client_fd(client, &descriptor, E));
  CHECK_REFUSED(T2I_E_FORKED, "", t2i_client_pump(client, 0, 0, NULL, E));
  CHECK(t2i_client_wake(client) == T2I_E_FORKED);
  CHECK_REFUSED(T2I_E_FORKED, "", t2i_models(0, &json, &length, E));
  CHECK_REFUSED(T2I_E_FORKED, "", t2i_check(client, FOX, T2I_NTS, &json, &length, E));
  CHECK_REFUSED(T2I_E_FORKED, "", t2i_submit(client, FOX, T2I_NTS, NULL, &task, E));
  CHECK_REFUSED(T2I_E_FORKED, "", t2i_next_event(client, &event, T2I_FOREVER, E));
  CHECK_REFUSED(T2I_E_FORKED, "", t2i_wait(client, &task, 1, T2I_WAIT_ALL, T2I_FOREVER, NULL, E));
  CHECK_REFUSED(T2I_E_FORKED, "", t2i_task_get(client, task, &info, E));
  CHECK_REFUSED(T2I_E_FORKED, "", t2i_task_json(client, task, &json, &length, E));
  CHECK(t2i_task_error(client, task, &ending) == T2I_E_FORKED);
  CHECK_REFUSED(T2I_E_FORKED, "", t2i_task_list(client, &task, 1, &length, E));
  CHECK_REFUSED(T2I_E_FORKED, "", t2i_task_cancel(client, task, T2I_CANCEL_LOCAL, E));
  CHECK(t2i_task_close(client, task) == T2I_E_FORKED);
  CHECK_REFUSED(T2I_E_FORKED, "", t2i_output_get(client, task, 0, &output, E));
  CHECK_REFUSED(T2I_E_FORKED, "", t2i_output_read(client, task, 0, T2I_FOREVER, &data, &length, E));
  CHECK_REFUSED(T2I_E_FORKED, "", t2i_output_save(client, task, 0, "a", T2I_NTS, 0, T2I_FOREVER, E));
  t2i_free(NULL);
  return check_failed;
}

static int exit_code_of(pid_t child) {
  int status = -1;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void aForkedChildIsRefusedEverything(void) {
  t2i_client client = open_client(SHORT_SKETCH, 0);
  t2i_task task = submit(client, FOX);
  intptr_t descriptor;
  must(t2i_client_fd(client, &descriptor, &err), "fd");
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    alarm((unsigned)slowly(20));
    _exit(nothing_works(client, task) ? 1 : 0);
  }
  CHECK(exit_code_of(child) == 0);
  /* The parent does not notice. */
  CHECK(ended(client, task) == T2I_OK);
  close_client(client);
}

/* A child that ends the usual way, atexit handlers and all, does not wait for threads it has not got. */
static void aForkedChildMayExit(void) {
  t2i_client client = open_client(SLOW_SKETCH, 0);
  submit(client, FOX);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    alarm((unsigned)slowly(20));
    exit(3);
  }
  CHECK(exit_code_of(child) == 3);
  close_client(client);
}

static void exitEndsAtOnceWithTasksAlive(void) {
  fflush(stdout);
  int64_t begun = now_ms();
  pid_t child = fork();
  if (child == 0) {
    /* Nothing was opened before this fork, so the child is a host of its own. */
    t2i_client client = 0, pumped = 0;
    t2i_task task;
    t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
    alarm((unsigned)slowly(20));
    options.flags = T2I_OPEN_PUMPED;
    if (t2i_client_open(SKETCH, T2I_NTS, NULL, &client, &err) != T2I_OK) _exit(1);
    if (t2i_client_open(SLOW_SKETCH, T2I_NTS, &options, &pumped, &err) != T2I_OK) _exit(1);
    const char *large = "{\"promptText\":\"a sea\",\"ratio\":\"4096:4096\"}";
    for (int i = 0; i < 8; i++)
      if (t2i_submit(client, large, T2I_NTS, NULL, &task, &err) != T2I_OK) _exit(1);
    t2i_submit(pumped, FOX, T2I_NTS, NULL, &task, &err);
    rest_ms(10);
    exit(4);
  }
  CHECK(exit_code_of(child) == 4);
  CHECK(now_ms() - begun < slowly(1000));
}

/* ---- what the host set ---- */

static void theLocaleIsTheHosts(void) {
  const char *names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "C.UTF-8"};
  const char *found = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names && found == NULL; i++) found = setlocale(LC_ALL, names[i]);
  if (found == NULL || *found == 'C') skipped("no locale here that writes 1,5; the C locale has to do");
  char *before = strdup(setlocale(LC_ALL, NULL));
  locale_t thread = uselocale((locale_t)0);
  t2i_client client = open_client(SHORT_SKETCH, 0);
  char *json = NULL, number[16];
  size_t length;
  snprintf(number, sizeof number, "%.1f", 1.5);
  CHECK_OK(t2i_check(client, "{\"promptText\":\"a\",\"extra\":{\"x\":1.5}}", T2I_NTS, &json, &length, &err));
  CHECK(has(json, "\"x\":1.5}"));
  t2i_free(json);
  close_client(client);
  CHECK(strcmp(setlocale(LC_ALL, NULL), before) == 0 && uselocale((locale_t)0) == thread);
  CHECK(strcmp(number, text("%.1f", 1.5)) == 0);
  free(before);
  setlocale(LC_ALL, "C");
}

extern char **environ;

/* Everything of the process that a library could disturb, as text. */
static const char *process(void) {
  static char rooms[2][16384];
  static int next;
  char *room = rooms[next = 1 - next], *end = room, folder[4096];
  struct sigaction action;
  sigset_t mask;
  mode_t mode = umask(0);
  umask(mode);
  sigprocmask(SIG_SETMASK, NULL, &mask);
  end += sprintf(end, "%s %o", getcwd(folder, sizeof folder) ? folder : "", (unsigned)mode);
  for (int number = 1; number < 65; number++) {
    memset(&action, 0, sizeof action);
    if (sigaction(number, NULL, &action) != 0) continue;
    end += sprintf(end, " %d:%p:%x:%d", number, *(void **)&action.sa_handler, (unsigned)action.sa_flags,
                   sigismember(&mask, number));
  }
  for (char **variable = environ; *variable; variable++)
    end += snprintf(end, (size_t)(room + sizeof rooms[0] - end), " %.60s", *variable);
  return room;
}

static void onSignal(int number) { (void)number; }

static void signalsAndTheRestAreAsTheyWere(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = onSignal;
  sigaction(SIGUSR2, &action, NULL);
  const char *before = process();
  t2i_client client = open_client(SKETCH, 0);
  t2i_task task = submit(client, FOX);
  CHECK(ended(client, task) == T2I_OK);
  CHECK_OK(t2i_output_save(client, task, 0, "process.png", T2I_NTS, T2I_SAVE_REPLACE, 0, &err));
  CHECK(strcmp(before, process()) == 0);
  close_client(client);
  CHECK(strcmp(before, process()) == 0);
}

/* The blocked signals of every thread but this one, as the kernel writes them. */
static int threads_that_block_everything(int *others) {
  int blocking = 0;
  DIR *folder = opendir("/proc/self/task");
  *others = 0;
  if (folder == NULL) abort();
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    char line[256];
    if (entry->d_name[0] == '.' || atoi(entry->d_name) == getpid()) continue;
    FILE *status = fopen(text("/proc/self/task/%s/status", entry->d_name), "r");
    if (status == NULL) continue;
    ++*others;
    while (fgets(line, sizeof line, status)) {
      uint64_t blocked;
      /* All but SIGKILL and SIGSTOP, which nobody can block, and the two that libc keeps for itself. */
      if (sscanf(line, "SigBlk: %" SCNx64, &blocked) == 1) blocking += (blocked | 0x180040100) == UINT64_MAX;
    }
    fclose(status);
  }
  closedir(folder);
  return blocking;
}

static void ourThreadsBlockEverySignal(void) {
  int others;
  t2i_client client = open_client(SKETCH, 0);
  t2i_task task = submit(client, FOX);
  CHECK(ended(client, task) == T2I_OK);
  /* The painter stays for a second. */
  CHECK(threads_that_block_everything(&others) == others && others >= 2);
  close_client(client);
  CHECK(has_threads(1));
  client = open_client("{\"provider\":\"sketch\",\"paintThreads\":0}", T2I_OPEN_PUMPED);
  task = submit(client, FOX);
  CHECK(ended(client, task) == T2I_OK);
  CHECK(has_threads(1));
  close_client(client);
}

/* Descriptors from 3 on, and those of them that another program would inherit. */
struct descriptors {
  int open, inherited;
};

static struct descriptors descriptors(void) {
  struct descriptors found = {0, 0};
  for (int i = 3; i < 200; i++) {
    int flags = fcntl(i, F_GETFD);
    found.open += flags >= 0;
    found.inherited += flags >= 0 && !(flags & FD_CLOEXEC);
  }
  return found;
}

/* A host without standard descriptors: what we open must not be taken for them, nor written to. */
static void descriptorsAreAboveStdioAndCloseOnExec(void) {
  int saved[3], low = 0;
  fflush(stdout);
  for (int i = 0; i < 3; i++) saved[i] = fcntl(i, F_DUPFD_CLOEXEC, 10);
  struct descriptors before = descriptors();
  for (int i = 0; i < 3; i++) close(i);
  t2i_client client = 0;
  t2i_task task = 0;
  intptr_t descriptor = -1;
  t2i_status opened = t2i_client_open(SKETCH, T2I_NTS, NULL, &client, &err);
  t2i_status polled = t2i_client_fd(client, &descriptor, &err);
  t2i_submit(client, FOX, T2I_NTS, NULL, &task, &err);
  t2i_status waited = t2i_wait(client, &task, 1, T2I_WAIT_ALL, slowly(10000), NULL, &err);
  t2i_status kept = t2i_output_save(client, task, 0, "nostdio.png", T2I_NTS, T2I_SAVE_REPLACE, 0, &err);
  for (int i = 0; i < 3; i++) low += fcntl(i, F_GETFD) >= 0;
  struct descriptors during = descriptors();
  t2i_status closed = t2i_client_close(client, slowly(5000), &err);
  struct descriptors after = descriptors();
  for (int i = 0; i < 3; i++) dup2(saved[i], i), close(saved[i]);
  CHECK(opened == T2I_OK && polled == T2I_OK && waited == T2I_OK && kept == T2I_OK && closed == T2I_OK);
  CHECK(low == 0 && descriptor >= 3);
  CHECK(during.open > before.open && during.inherited == before.inherited);
  CHECK(after.open == before.open && after.inherited == before.inherited);
}

static void nothingIsPrinted(void) {
  int pipes[2], saved[2] = {dup(1), dup(2)};
  char byte;
  fflush(stdout);
  if (pipe(pipes) != 0) abort();
  dup2(pipes[1], 1), dup2(pipes[1], 2);
  t2i_client client = 0;
  t2i_task task = 0;
  t2i_client_open("{", T2I_NTS, NULL, &client, &err);
  const char *failing = "{\"provider\":\"sketch\",\"simulate\":{\"failureCode\":\"INTERNAL\"}}";
  t2i_client_open(failing, T2I_NTS, NULL, &client, &err);
  t2i_submit(client, FOX, T2I_NTS, NULL, &task, &err);
  t2i_status waited = t2i_wait(client, &task, 1, T2I_WAIT_ALL, slowly(10000), NULL, &err);
  t2i_client_close(client, T2I_FOREVER, &err);
  dup2(saved[0], 1), dup2(saved[1], 2);
  close(saved[0]), close(saved[1]), close(pipes[1]);
  CHECK(waited == T2I_OK && read(pipes[0], &byte, 1) == 0);
  close(pipes[0]);
}

int main(void) {
  begin();
  exitEndsAtOnceWithTasksAlive();
  signalsAndTheRestAreAsTheyWere();
  theLocaleIsTheHosts();
  ourThreadsBlockEverySignal();
  descriptorsAreAboveStdioAndCloseOnExec();
  nothingIsPrinted();
  aForkedChildIsRefusedEverything();
  aForkedChildMayExit();
  CHECK(t2i_shutdown(slowly(5000), NULL, NULL) == T2I_OK && has_threads(1));
  return finish();
}
