/* libc for both builds: Embedded Swift cannot import Glibc. Functions that libc declares with variable arguments or
 * as macros get a plain inline twin here. */
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static inline int cs_errno(void) { return errno; }
static inline int cs_open(const char *path, int flags, mode_t mode) { return open(path, flags, mode); }
static inline int cs_openat(int folder, const char *path, int flags, mode_t mode) {
  return openat(folder, path, flags, mode);
}
