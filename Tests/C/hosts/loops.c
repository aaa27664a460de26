/* Hosts with a loop of their own: the one descriptor in poll, select and epoll, beside others; a wake from a signal
 * handler a thousand times a second; and, where they are installed, libuv and GLib, found at run time.
 *
 * cc: -rdynamic */
#include "host.h"

#include <sys/epoll.h>
#include <sys/select.h>

enum { TASKS = 20 };

struct loop {
  t2i_client client;
  intptr_t descriptor;
  int ends, rounds, idle;
};

static struct loop begun(void) {
  struct loop loop = {0, -1, 0, 0, 0};
  loop.client = open_driven("{\"provider\":\"sketch\",\"simulate\":{\"latencyMs\":40,\"paint\":false}}");
  must(t2i_client_fd(loop.client, &loop.descriptor, &err), "fd");
  for (int i = 0; i < TASKS; i++) submit(loop.client, FOX);
  return loop;
}

/* What a host does when the descriptor is readable. */
static void serve(struct loop *loop) {
  t2i_event event = T2I_EVENT_INIT;
  int news = 0;
  loop->rounds++;
  if (drive) news = t2i_client_pump(loop->client, 0, 500, NULL, &err) == T2I_MORE;
  /* One event a round: what is left keeps the descriptor readable. */
  if (t2i_next_event(loop->client, &event, 0, &err) == T2I_OK) news = 1, loop->ends += event.kind == T2I_EV_FINAL;
  loop->idle += !news;
}

static int is_going(const struct loop *loop) { return loop->ends < TASKS && loop->rounds < 20000; }

static void ended_loop(struct loop *loop, const char *name) {
  CHECK(loop->ends == TASKS);
  /* Nothing is left: a level-triggered descriptor rests. */
  while (drive && t2i_client_pump(loop->client, 0, 0, NULL, &err) == T2I_MORE) {}
  /* The engine's thread may ring once more for the event that was fetched before it had rung. */
  t2i_event event = T2I_EVENT_INIT;
  int calls = 0;
  while (is_readable(loop->descriptor, 20) && ++calls < TASKS)
    CHECK(t2i_next_event(loop->client, &event, 0, &err) == T2I_EMPTY);
  CHECK(calls < TASKS);
  /* A host that were called without news would spin. */
  CHECK(loop->idle <= loop->rounds / 2 + 2 * TASKS);
  close_client(loop->client);
  counted("%s: %d tasks ended in %d rounds, %d of them for nothing", name, loop->ends, loop->rounds, loop->idle);
}

static void inPoll(void) {
  struct loop loop = begun();
  struct pollfd waits[2] = {{(int)loop.descriptor, POLLIN, 0}, {-1, 0, 0}};
  while (is_going(&loop) && CHECK(poll(waits, 2, (int)slowly(5000)) == 1)) serve(&loop);
  ended_loop(&loop, "poll");
}

static void inSelect(void) {
  struct loop loop = begun();
  while (is_going(&loop)) {
    fd_set readable;
    struct timeval limit = {(time_t)slowly(5), 0};
    FD_ZERO(&readable);
    FD_SET((int)loop.descriptor, &readable);
    if (!CHECK(select((int)loop.descriptor + 1, &readable, NULL, NULL, &limit) == 1)) break;
    serve(&loop);
  }
  ended_loop(&loop, "select");
}

static void inEpoll(void) {
  struct loop loop = begun();
  struct epoll_event event, got;
  int set_ = epoll_create1(EPOLL_CLOEXEC);
  memset(&event, 0, sizeof event);
  event.events = EPOLLIN;
  CHECK(epoll_ctl(set_, EPOLL_CTL_ADD, (int)loop.descriptor, &event) == 0);
  while (is_going(&loop) && CHECK(epoll_wait(set_, &got, 1, (int)slowly(5000)) == 1)) serve(&loop);
  close(set_);
  ended_loop(&loop, "epoll");
}

/* ---- libuv and GLib, by name, so that nothing has to be installed to compile this ---- */

/* ISO C knows no way from void * to a function; memory does. */
static int find(void *library, const char *name, void *function) {
  void *address = library ? dlsym(library, name) : NULL;
  memcpy(function, &address, sizeof address);
  return address != NULL;
}

static struct loop uv_loop, glib_loop;
static int (*uv_poll_stop)(void *);

static void onUv(void *handle, int status, int events) {
  (void)events;
  if (status == 0) serve(&uv_loop);
  if (!is_going(&uv_loop)) uv_poll_stop(handle);
}

static void inLibuv(void) {
  void *library = dlopen("libuv.so.1", RTLD_NOW);
  void *(*default_loop)(void);
  int (*poll_init)(void *, void *, int), (*poll_start)(void *, int, void (*)(void *, int, int)), (*run)(void *, int);
  static _Alignas(64) unsigned char handle[1024]; /* a uv_poll_t is 160 bytes */
  if (!find(library, "uv_default_loop", &default_loop) || !find(library, "uv_poll_init", &poll_init) ||
      !find(library, "uv_poll_start", &poll_start) || !find(library, "uv_poll_stop", &uv_poll_stop) ||
      !find(library, "uv_run", &run)) {
    skipped("libuv is not installed here (libuv1)");
    return;
  }
  uv_loop = begun();
  CHECK(poll_init(default_loop(), handle, (int)uv_loop.descriptor) == 0);
  CHECK(poll_start(handle, 1 /* UV_READABLE */, onUv) == 0);
  run(default_loop(), 0);
  ended_loop(&uv_loop, "libuv");
}

static int onGlib(int descriptor, unsigned condition, void *user) {
  (void)descriptor, (void)condition, (void)user;
  serve(&glib_loop);
  return is_going(&glib_loop);
}

static void inGlib(void) {
  void *library = dlopen("libglib-2.0.so.0", RTLD_NOW);
  unsigned (*fd_add)(int, int, int (*)(int, unsigned, void *), void *);
  int (*iteration)(void *, int);
  if (!find(library, "g_unix_fd_add", &fd_add) || !find(library, "g_main_context_iteration", &iteration)) {
    skipped("GLib is not installed here (libglib2.0-0)");
    return;
  }
  glib_loop = begun();
  CHECK(fd_add((int)glib_loop.descriptor, 1 /* G_IO_IN */, onGlib, NULL) > 0);
  while (is_going(&glib_loop)) iteration(NULL, 1);
  ended_loop(&glib_loop, "GLib");
}

/* ---- wakes ---- */

static t2i_client woken;
static int signals;

static void onSignal(int number) {
  int saved = errno;
  (void)number;
  if (t2i_client_wake(woken) == T2I_OK) add(&signals);
  errno = saved;
}

struct sender {
  pthread_t target;
  int going;
};

static void *sendSignals(void *argument) {
  struct sender *sender = (struct sender *)argument;
  struct timespec pause = {0, 700000};
  for (; get(&sender->going); nanosleep(&pause, NULL)) pthread_kill(sender->target, SIGUSR1);
  return NULL;
}

/* Whatever the library is doing on this thread at that instant, a handler may interrupt it and wake. */
static void aThousandWakesASecondFromAHandler(void) {
  struct sigaction action, before;
  struct sender sender = {pthread_self(), 1};
  t2i_event event = T2I_EVENT_INIT;
  t2i_task task;
  int wakes = 0, ends = 0;
  woken = open_driven("{\"provider\":\"sketch\",\"simulate\":{\"latencyMs\":5,\"paint\":false}}");
  memset(&action, 0, sizeof action);
  action.sa_handler = onSignal;
  sigaction(SIGUSR1, &action, &before);
  pthread_t thread = start(sendSignals, &sender);
  for (int64_t end = now_ms() + either(10000, 1000); now_ms() < end || ends <= 10 || get(&signals) <= 200;) {
    task = submit(woken, FOX);
    for (t2i_status status = T2I_WOKEN; status == T2I_WOKEN; wakes += status == T2I_WOKEN)
      status = t2i_wait(woken, &task, 1, T2I_WAIT_ALL, slowly(5000), NULL, &err);
    ends += t2i_task_error(woken, task, &err) == T2I_OK;
    while (t2i_next_event(woken, &event, 0, &err) == T2I_OK) {}
    must(t2i_task_close(woken, task), "task_close");
  }
  set(&sender.going, 0);
  pthread_join(thread, NULL);
  CHECK(signals > 200 && ends > 10 && wakes <= signals);
  t2i_status closed = T2I_WOKEN;
  while (closed == T2I_WOKEN) closed = t2i_client_close(woken, slowly(5000), &err);
  CHECK(closed == T2I_OK);
  sigaction(SIGUSR1, &before, NULL);
  counted("%d wakes from a signal handler during %d tasks; %d waits were woken", signals, ends, wakes);
}

int main(int argc, char **argv) {
  begin_host(argc, argv);
  inPoll();
  inSelect();
  inEpoll();
  inLibuv();
  inGlib();
  aThousandWakesASecondFromAHandler();
  CHECK(t2i_shutdown(slowly(5000), NULL, NULL) == T2I_OK && has_threads(1));
  return finish();
}
