/* A host that forks with a hundred tasks at work. The child is refused everything, whatever thread forked it and
 * whatever the library was doing at that instant, and is a good host again after exec. The parent notices nothing. */
#include "every.h"

enum { TASKS = 100 };

static t2i_client client;
static t2i_task tasks[TASKS];
static int refusals;
static const char *own_path;

/* What the child may still ask. */
static int is_answered(const struct function *function) {
  return is(function->name, "t2i_version") || is(function->name, "t2i_build_info") || is(function->name, "t2i_has") ||
         is(function->name, "t2i_status_name") || is(function->name, "t2i_free") || is(function->name, "t2i_get_api");
}

/* 0 when every call is answered as it should be, and the task's handles are none of the child's. */
static int every_call_is_refused(void) {
  static struct arguments arguments;
  int wrong = 0;
  for (int i = 0; i < FUNCTIONS; i++)
    for (int task = 0; task < 3; task++) {
      arguments.client = client;
      arguments.task = tasks[task * TASKS / 3];
      good_arguments(&arguments, &functions[i]);
      /* A child that waited would wait for ever. */
      for (int j = 0; j < functions[i].count; j++)
        if (is(functions[i].parameters[j].name, "timeout_ms")) arguments.words[j] = (uint64_t)T2I_FOREVER;
      int64_t result = functions[i].call(arguments.words);
      if (is_answered(&functions[i]) || result == T2I_E_FORKED) continue;
      printf("  %s answers %" PRId64 "\n", functions[i].name, result);
      wrong++;
    }
  return wrong;
}

static pid_t fork_child(int goes_on) {
  pid_t child = fork();
  if (child != 0) return child;
  alarm((unsigned)slowly(20));
  if (every_call_is_refused()) _exit(1);
  if (!goes_on) _exit(0);
  execl(own_path, own_path, drive ? "pumped" : "threaded", "reborn", (char *)NULL);
  _exit(2);
}

/* After exec it is a process as any other. */
static int reborn(void) {
  t2i_client own = 0;
  t2i_task task = 0;
  if (try_open(SKETCH, &own) != T2I_OK || t2i_submit(own, FOX, T2I_NTS, NULL, &task, &err) != T2I_OK) return 3;
  if (t2i_wait(own, &task, 1, T2I_WAIT_ALL, slowly(10000), NULL, &err) != T2I_OK) return 4;
  if (t2i_task_error(own, task, &err) != T2I_OK) return 5;
  /* Of the parent's descriptors none came along. */
  return t2i_shutdown(slowly(5000), NULL, NULL) == T2I_OK && descriptor_count() == 3 ? 0 : 6;
}

static int forking;

static void *submitMeanwhile(void *argument) {
  (void)argument;
  while (get(&forking)) {
    t2i_task task = 0;
    if (t2i_submit(client, FOX, T2I_NTS, NULL, &task, NULL) == T2I_OK) t2i_task_close(client, task);
    if (drive) t2i_client_pump(client, 0, 1000, NULL, NULL);
  }
  return NULL;
}

static void *forkMeanwhile(void *argument) {
  (void)argument;
  for (int i = either(200, 20); i > 0; i--)
    if (exit_code_of(fork_child(0)) == 0) add(&refusals);
  return NULL;
}

int main(int argc, char **argv) {
  own_path = argv[0];
  begin_host(argc, argv);
  if (argc > 2 && is(argv[2], "reborn")) return reborn();
  client = open_driven("{\"provider\":\"sketch\",\"simulate\":{\"latencyMs\":1500}}");
  intptr_t descriptor;
  must(t2i_client_fd(client, &descriptor, &err), "fd");
  for (int i = 0; i < TASKS; i++) tasks[i] = submit(client, FOX);
  if (drive) t2i_client_pump(client, 0, 0, NULL, &err);
  fflush(stdout);
  CHECK(exit_code_of(fork_child(0)) == 0);
  CHECK(exit_code_of(fork_child(1)) == 0);

  /* From two threads, while a third keeps the library's locks busy: a child that took one would hang. */
  set(&forking, 1);
  pthread_t busy = start(submitMeanwhile, NULL);
  pthread_t threads[2] = {start(forkMeanwhile, NULL), start(forkMeanwhile, NULL)};
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  set(&forking, 0);
  pthread_join(busy, NULL);
  CHECK(refusals == 2 * either(200, 20));

  CHECK_OK(t2i_wait(client, tasks, TASKS, T2I_WAIT_ALL, slowly(20000), NULL, &err));
  int good = 0;
  for (int i = 0; i < TASKS; i++) good += t2i_task_error(client, tasks[i], &err) == T2I_OK;
  CHECK(good == TASKS);
  close_client(client);
  CHECK(t2i_shutdown(slowly(5000), NULL, NULL) == T2I_OK && has_threads(1));
  counted("%d children, each refused %d functions three times; %d tasks of the parent ended well", refusals + 2,
          FUNCTIONS - 5, good);
  return finish();
}
