/* The handler only notes the signal and rings: t2i_client_wake is safe there. What has to be cancelled, the loop of
 * paint.c cancels. */
#define _POSIX_C_SOURCE 200809L
#include "interrupt.h"

#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t caught;
static volatile t2i_client watched; /* written before the handler is there, only read after */

static void catch(int signal) {
  if (caught) _exit(128 + signal);
  caught = signal;
  t2i_client_wake(watched);
}

void interrupt_watch(t2i_client client) {
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
  watched = client;
  for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
    struct sigaction was, now = {.sa_handler = catch};
    sigemptyset(&now.sa_mask);
    /* What is ignored stays so: nohup has its reasons. */
    if (sigaction(signals[i], NULL, &was) == 0 && was.sa_handler != SIG_IGN) sigaction(signals[i], &now, NULL);
  }
}

int interrupt_code(void) { return caught ? 128 + caught : 0; }
