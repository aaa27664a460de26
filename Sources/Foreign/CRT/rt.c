#define _GNU_SOURCE
#include "crt.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* ---- Bell ---- */

uint32_t crt_bell_read(const uint32_t *bell) { return __atomic_load_n(bell, __ATOMIC_SEQ_CST); }

void crt_bell_ring(uint32_t *bell) {
  int saved = errno;
  __atomic_add_fetch(bell, 1, __ATOMIC_SEQ_CST);
  syscall(SYS_futex, bell, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
  errno = saved;
}

void crt_bell_wait(uint32_t *bell, uint32_t seen, int64_t nanoseconds) {
  struct timespec limit = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  int saved = errno;
  syscall(SYS_futex, bell, FUTEX_WAIT_PRIVATE, seen, nanoseconds < 0 ? NULL : &limit, NULL, 0);
  errno = saved;
}

/* ---- Fork ---- */

static volatile unsigned char *guard_page;
static pthread_mutex_t guard_lock = PTHREAD_MUTEX_INITIALIZER;

int crt_fork_guard(void) {
  int error = 0;
  pthread_mutex_lock(&guard_lock);
  if (guard_page == NULL) {
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED || madvise(page, size, MADV_WIPEONFORK) != 0) {
      error = errno;
      if (page != MAP_FAILED) munmap(page, size);
    } else {
      *(volatile unsigned char *)page = 1;
      __atomic_store_n(&guard_page, page, __ATOMIC_SEQ_CST);
    }
  }
  pthread_mutex_unlock(&guard_lock);
  return error;
}

int crt_forked(void) {
  volatile unsigned char *page = __atomic_load_n(&guard_page, __ATOMIC_SEQ_CST);
  return page != NULL && *page == 0;
}

/* ---- Threads ---- */

int crt_thread_start(uintptr_t *thread, const char *name, size_t stack_bytes, void *(*body)(void *), void *argument) {
  pthread_attr_t attributes;
  pthread_t started;
  sigset_t all, before;
  int error = pthread_attr_init(&attributes);
  if (error != 0) return error;
  pthread_attr_setstacksize(&attributes, stack_bytes);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  error = pthread_create(&started, &attributes, body, argument);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  if (error != 0) return error;
  pthread_setname_np(started, name);
  *thread = (uintptr_t)started;
  return 0;
}

void crt_thread_join(uintptr_t thread) { pthread_join((pthread_t)thread, NULL); }

uintptr_t crt_thread_self(void) { return (uintptr_t)pthread_self(); }

/* ---- What Embedded Swift asks of libc ---- */

/* Embedded Swift seeds its Hasher with this. glibc has it only from 2.36 on, so we carry our own, hidden. */
__attribute__((visibility("hidden"))) void arc4random_buf(void *buffer, size_t size);
void arc4random_buf(void *buffer, size_t size) {
  unsigned char *byte = buffer;
  while (size > 0) {
    long got = syscall(SYS_getrandom, byte, size, 0);
    if (got > 0) {
      byte += got;
      size -= (size_t)got;
    }
  }
}
