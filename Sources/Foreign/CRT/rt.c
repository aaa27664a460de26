#define _GNU_SOURCE
#include "crt.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* ---- Bell ---- */

uint32_t crt_bell_read(const struct crt_bell *bell) { return __atomic_load_n(&bell->count, __ATOMIC_SEQ_CST); }

void crt_bell_ring(struct crt_bell *bell, int ear) {
  int saved = errno;
  uint64_t one = 1;
  __atomic_add_fetch(&bell->count, 1, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(&bell->sleepers, __ATOMIC_SEQ_CST) != 0)
    syscall(SYS_futex, &bell->count, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
  if (ear >= 0 && __atomic_load_n(&bell->listeners, __ATOMIC_SEQ_CST) != 0) {
    if (write(ear, &one, sizeof one) < 0) { /* It is full, and so readable already. */ }
  }
  errno = saved;
}

void crt_bell_wait(struct crt_bell *bell, uint32_t seen, int64_t nanoseconds) {
  struct timespec limit = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  int saved = errno;
  /* Counted in before the kernel compares the counter: a ring from here on either is seen there or wakes. */
  __atomic_add_fetch(&bell->sleepers, 1, __ATOMIC_SEQ_CST);
  syscall(SYS_futex, &bell->count, FUTEX_WAIT_PRIVATE, seen, nanoseconds < 0 ? NULL : &limit, NULL, 0);
  __atomic_sub_fetch(&bell->sleepers, 1, __ATOMIC_SEQ_CST);
  errno = saved;
}

int crt_bell_listen(struct crt_bell *bell, uint32_t seen, int ear, int descriptor, int64_t nanoseconds) {
  struct timespec limit = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  int saved = errno, ready = 0;
  struct pollfd heard[2] = {{ear, POLLIN, 0}, {descriptor, POLLIN, 0}};
  /* Counted in before the counter is read: a ring from here on writes to the ear. */
  __atomic_add_fetch(&bell->listeners, 1, __ATOMIC_SEQ_CST);
  if (crt_bell_read(bell) != seen) limit.tv_sec = limit.tv_nsec = nanoseconds = 0;
  if (ppoll(heard, 2, nanoseconds < 0 ? NULL : &limit, NULL) > 0) {
    uint64_t rings;
    if (heard[0].revents != 0 && read(ear, &rings, sizeof rings) < 0) { /* Another listener took them. */ }
    ready = heard[1].revents != 0;
  }
  __atomic_sub_fetch(&bell->listeners, 1, __ATOMIC_SEQ_CST);
  errno = saved;
  return ready;
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

/* Each place holds a descriptor plus one. */
static int locks[CRT_CLIENTS_MAX];

static int replace_lock(int old, int new) {
  for (unsigned index = 0; index < CRT_CLIENTS_MAX; index++) {
    int expected = old;
    if (__atomic_compare_exchange_n(&locks[index], &expected, new, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) return 0;
  }
  return -1;
}

int crt_lock_add(int descriptor) { return replace_lock(0, descriptor + 1); }

void crt_lock_remove(int descriptor) { replace_lock(descriptor + 1, 0); }

static void close_locks(void) {
  for (unsigned index = 0; index < CRT_CLIENTS_MAX; index++) {
    int lock = __atomic_exchange_n(&locks[index], 0, __ATOMIC_SEQ_CST);
    if (lock != 0) close(lock - 1);
  }
}

int crt_forked(void) {
  static int is_swept;
  volatile unsigned char *page = __atomic_load_n(&guard_page, __ATOMIC_SEQ_CST);
  if (page == NULL || *page != 0) return 0;
  if (!__atomic_exchange_n(&is_swept, 1, __ATOMIC_SEQ_CST)) {
    int saved = errno;
    close_locks();
    errno = saved;
  }
  return 1;
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
