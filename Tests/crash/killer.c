/* Preloaded into a process that is to die: counts the system calls by which it changes something outside itself, and
 * kills it with SIGKILL before or after the one it is told.
 *
 * T2I_CRASH_AT      number of the call, from 1; 0 or unset: lives
 * T2I_CRASH_SIDE    "before" or "after"
 * T2I_CRASH_COUNT   a file that is given the number of calls when the process ends by itself */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long calls;
static long die_at;
static int dies_after;

__attribute__((constructor)) static void read_orders(void) {
  const char *at = getenv("T2I_CRASH_AT"), *side = getenv("T2I_CRASH_SIDE");
  die_at = at ? atol(at) : 0;
  dies_after = side && strcmp(side, "after") == 0;
}

__attribute__((destructor)) static void tell(void) {
  const char *path = getenv("T2I_CRASH_COUNT");
  FILE *file = path ? fopen(path, "w") : NULL;
  if (!file) return;
  fprintf(file, "%ld\n", atomic_load(&calls));
  fclose(file);
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* The number of this call. */
static long before(void) {
  long call = atomic_fetch_add(&calls, 1) + 1;
  if (call == die_at && !dies_after) die();
  return call;
}

static void after(long call) {
  if (call == die_at && dies_after) {
    int error = errno;
    die();
    errno = error;
  }
}

/* Bells and timers change nothing outside. */
static int matters(int fd) {
  struct stat status;
  int error = errno;
  int found = fstat(fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISSOCK(status.st_mode));
  errno = error;
  return found;
}

#define REAL(name) (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define PLAYS(type, name, parameters, arguments, counts)        \
  type name parameters {                                        \
    static __typeof__(&name) real;                              \
    if (!real) real = REAL(name);                               \
    if (!(counts)) return real arguments;                       \
    long call = before();                                       \
    type result = real arguments;                               \
    after(call);                                                \
    return result;                                              \
  }

PLAYS(ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size), matters(fd))
PLAYS(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at), 1)
PLAYS(ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at), 1)
PLAYS(ssize_t, writev, (int fd, const struct iovec *parts, int count), (fd, parts, count), matters(fd))
PLAYS(ssize_t, send, (int fd, const void *data, size_t size, int flags), (fd, data, size, flags), 1)
PLAYS(ssize_t, sendto,
      (int fd, const void *data, size_t size, int flags, const struct sockaddr *to, socklen_t length),
      (fd, data, size, flags, to, length), 1)
PLAYS(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags), 1)
PLAYS(ssize_t, recv, (int fd, void *data, size_t size, int flags), (fd, data, size, flags), 1)
PLAYS(int, connect, (int fd, const struct sockaddr *to, socklen_t length), (fd, to, length), 1)
PLAYS(int, fsync, (int fd), (fd), 1)
PLAYS(int, fdatasync, (int fd), (fd), 1)
PLAYS(int, ftruncate, (int fd, off_t size), (fd, size), 1)
PLAYS(int, ftruncate64, (int fd, off64_t size), (fd, size), 1)
PLAYS(int, rename, (const char *old, const char *new), (old, new), 1)
PLAYS(int, renameat, (int from, const char *old, int to, const char *new), (from, old, to, new), 1)
PLAYS(int, link, (const char *old, const char *new), (old, new), 1)
PLAYS(int, linkat, (int from, const char *old, int to, const char *new, int flags), (from, old, to, new, flags), 1)
PLAYS(int, unlink, (const char *name), (name), 1)
PLAYS(int, unlinkat, (int folder, const char *name, int flags), (folder, name, flags), 1)
PLAYS(int, mkdir, (const char *name, mode_t mode), (name, mode), 1)
PLAYS(int, mkdirat, (int folder, const char *name, mode_t mode), (folder, name, mode), 1)
PLAYS(int, close, (int fd), (fd), matters(fd))

#define OPENS(name, parameters, first, ...)                     \
  int name parameters {                                         \
    static __typeof__(&name) real;                              \
    if (!real) real = REAL(name);                               \
    mode_t mode = 0;                                            \
    if (flags & (O_CREAT | O_TMPFILE)) {                        \
      va_list rest;                                             \
      va_start(rest, flags);                                    \
      mode = va_arg(rest, mode_t);                              \
      va_end(rest);                                             \
    }                                                           \
    if (!(flags & O_CREAT)) return real(__VA_ARGS__, flags, mode); \
    long call = before();                                       \
    int result = real(__VA_ARGS__, flags, mode);                \
    after(call);                                                \
    return result;                                              \
  }

OPENS(open, (const char *path, int flags, ...), path, path)
OPENS(open64, (const char *path, int flags, ...), path, path)
OPENS(openat, (int folder, const char *path, int flags, ...), folder, folder, path)
OPENS(openat64, (int folder, const char *path, int flags, ...), folder, folder, path)

/* Locks by which a client is seen to live, and SQLite's. */
#define CONTROLS(name)                                          \
  int name(int fd, int command, ...) {                          \
    static __typeof__(&name) real;                              \
    if (!real) real = REAL(name);                               \
    va_list rest;                                               \
    va_start(rest, command);                                    \
    void *argument = va_arg(rest, void *);                      \
    va_end(rest);                                               \
    if (command != F_SETLK && command != F_SETLKW && command != F_OFD_SETLK) return real(fd, command, argument); \
    long call = before();                                       \
    int result = real(fd, command, argument);                   \
    after(call);                                                \
    return result;                                              \
  }

CONTROLS(fcntl)
CONTROLS(fcntl64)

/* renameat2 has no wrapper that everybody uses. */
long syscall(long number, ...) {
  static long (*real)(long, ...);
  if (!real) real = REAL(syscall);
  va_list rest;
  va_start(rest, number);
  long a = va_arg(rest, long), b = va_arg(rest, long), c = va_arg(rest, long);
  long d = va_arg(rest, long), e = va_arg(rest, long), f = va_arg(rest, long);
  va_end(rest);
  if (number != SYS_renameat2) return real(number, a, b, c, d, e, f);
  long call = before();
  long result = real(number, a, b, c, d, e, f);
  after(call);
  return result;
}
