/* A host whose threads have stacks of 64 KiB, as those of audio hosts and of some languages have. Every function is
 * called there; a page that must not be touched lies below, and another is counted for what was used. */
#include "every.h"

enum { STACK = 65536 };

static int calls, wrong;
static size_t deepest;

static size_t used(const unsigned char *stack) {
  size_t untouched = 0;
  while (untouched < STACK && stack[untouched] == 0xee) untouched++;
  return STACK - untouched;
}

struct visit {
  struct arguments *arguments;
  const struct function *function;
};

static void *visit(void *argument) {
  struct visit *visit = (struct visit *)argument;
  int64_t result = visit->function->call(visit->arguments->words);
  add(&calls);
  if (visit->function->is_status && is(t2i_status_name((t2i_status)result), "T2I_UNKNOWN")) add(&wrong);
  put_back(visit->arguments, visit->function, visit->function->is_status ? result : -1);
  return NULL;
}

/* Runs on a stack of 64 KiB with nothing below it, and notes how much of it was needed. */
static void on_small_stack(void *(*body)(void *), void *argument, const char *name) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  unsigned char *room =
      (unsigned char *)mmap(NULL, STACK + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  pthread_attr_t attributes;
  pthread_t thread;
  if (room == MAP_FAILED || mprotect(room, page, PROT_NONE) != 0) abort();
  memset(room + page, 0xee, STACK);
  pthread_attr_init(&attributes);
  if (pthread_attr_setstack(&attributes, room + page, STACK) != 0) abort();
  if (pthread_create(&thread, &attributes, body, argument) != 0) abort();
  pthread_attr_destroy(&attributes);
  pthread_join(thread, NULL);
  size_t depth = used(room + page);
  if (depth > deepest) deepest = depth;
  if (getenv("T2I_ALOUD")) printf("%-20s %zu bytes\n", name, depth);
  munmap(room, STACK + page);
}

/* A whole life on such a thread: paint, wait, read, save, close. */
static void *live(void *argument) {
  const char *config = (const char *)argument;
  t2i_client client = 0;
  t2i_task task = 0;
  void *data = NULL;
  char *json = NULL;
  size_t length;
  CHECK_OK(try_open(config, &client));
  CHECK_OK(t2i_submit(client, HD_FOX, T2I_NTS, NULL, &task, &err));
  CHECK_OK(t2i_wait(client, &task, 1, T2I_WAIT_ALL, slowly(20000), NULL, &err));
  CHECK_OK(t2i_output_read(client, task, 0, slowly(10000), &data, &length, &err));
  CHECK_OK(t2i_output_save(client, task, 0, "small.png", T2I_NTS, T2I_SAVE_REPLACE, slowly(10000), &err));
  CHECK_OK(t2i_task_json(client, task, &json, &length, &err));
  t2i_free(data), t2i_free(json);
  CHECK_OK(t2i_client_close(client, slowly(5000), &err));
  return NULL;
}

int main(int argc, char **argv) {
  static struct arguments arguments;
  begin_host(argc, argv);
  for (int i = 0; i < FUNCTIONS; i++) {
    struct visit now = {&arguments, &functions[i]};
    if (t2i_client_wake(arguments.client) != T2I_OK) {
      arguments.client = open_driven(SKETCH);
      arguments.task = submit(arguments.client, FOX);
      CHECK(ended(arguments.client, arguments.task) == T2I_OK);
    }
    good_arguments(&arguments, &functions[i]);
    on_small_stack(visit, &now, functions[i].name);
  }
  CHECK(calls == FUNCTIONS && wrong == 0);
  t2i_shutdown(slowly(5000), NULL, NULL);
  /* With the painter on that very thread, when it pumps; and with the wire on it, over TLS. */
  char *sketch = strdup("{\"provider\":\"sketch\",\"paintThreads\":0}"), *plain = strdup(hosted("")), *deep = NULL;
  on_small_stack(live, sketch, "sketch");
  on_small_stack(live, plain, "http");
  deep = strdup(hosted_tls(""));
  on_small_stack(live, deep, "https, journal");
  free(sketch), free(plain), free(deep);
  CHECK(deepest < STACK);
  CHECK(t2i_shutdown(slowly(5000), NULL, NULL) == T2I_OK && has_threads(1));
  counted("%d functions on threads of 64 KiB, and three lives of a task; the deepest used %zu bytes", calls, deepest);
  return finish();
}
