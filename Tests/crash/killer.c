/* Preloaded into a process, it counts the calls by which the process leaves a trace outside itself, and at the call
 * that the environment names it kills the process as a power switch would: no handler, no flush, no farewell.
 *
 *   T2I_CRASH_AT=N T2I_CRASH_SIDE=before|after   dies before or after the N-th such call, and says which that was
 *   T2I_CRASH_POWER=all|contents|SEED            the current fails with it: the disk has what was synced (power.h)
 *   T2I_CRASH_NOSYNC=1                           the disk says that it synced, and did not
 *   T2I_CRASH_TRACE=1                            says each call
 *   T2I_CRASH_TALLY=1                            says at the end how often each kind was made
 *
 * Counted is what makes, changes, syncs, locks, names or removes a file, what connects, and what passes over a
 * connection in either direction. What only reads a file, or wakes a thread, leaves nothing that a crash could cut. */
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
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include "power.h"

enum { DESCRIPTORS = 4096, KINDS = 32 };

/* A file that is written, or a connection. */
static atomic_uchar is_watched[DESCRIPTORS];
static atomic_long made;
static long dies_at = -1;
static int dies_after, traces, tallies, lies;
static struct { const char *name; atomic_long count; } kinds[KINDS];

__attribute__((constructor)) static void begin(void) {
  const char *at = getenv("T2I_CRASH_AT"), *side = getenv("T2I_CRASH_SIDE");
  if (at) dies_at = atol(at);
  dies_after = side && strcmp(side, "after") == 0;
  traces = getenv("T2I_CRASH_TRACE") != NULL;
  tallies = getenv("T2I_CRASH_TALLY") != NULL;
  lies = getenv("T2I_CRASH_NOSYNC") != NULL;
  power_begin(getenv("T2I_CRASH_POWER"));
}

/* Standard error is written directly: stdio may hold its lock in another thread. */
static void say(const char *form, ...) {
  char line[256];
  va_list values;
  va_start(values, form);
  int length = vsnprintf(line, sizeof line, form, values);
  va_end(values);
  struct iovec piece = {line, length < 0 ? 0 : (size_t)length < sizeof line ? (size_t)length : sizeof line - 1};
  writev(2, &piece, 1);
}

__attribute__((destructor)) static void end(void) {
  if (!tallies) return;
  for (int i = 0; i < KINDS && kinds[i].name; i++)
    say("tally %s %ld\n", kinds[i].name, atomic_load(&kinds[i].count));
  say("calls %ld\n", atomic_load(&made));
}

static void tally(const char *name) {
  static atomic_flag taken = ATOMIC_FLAG_INIT;
  while (atomic_flag_test_and_set(&taken)) {}
  int i = 0;
  while (i < KINDS - 1 && kinds[i].name && strcmp(kinds[i].name, name) != 0) i++;
  kinds[i].name = name;
  atomic_fetch_add(&kinds[i].count, 1);
  atomic_flag_clear(&taken);
}

/* How often calls of this name were made; for a program that finds it with dlsym. */
long killer_counted(const char *name) {
  for (int i = 0; i < KINDS && kinds[i].name; i++)
    if (strcmp(kinds[i].name, name) == 0) return atomic_load(&kinds[i].count);
  return 0;
}

static void die(const char *name, const char *about, const char *side) {
  say("died %s %ld %s %s\n", side, dies_at, name, about ? about : "");
  power_fail();
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* The number of this call. */
static long enter(const char *name, const char *about) {
  long number = atomic_fetch_add(&made, 1) + 1;
  if (tallies) tally(name);
  if (traces) say("call %ld %s %s\n", number, name, about ? about : "");
  if (number == dies_at && !dies_after) die(name, about, "before");
  return number;
}

static void leave(long number, const char *name, const char *about) {
  if (number == dies_at && dies_after) die(name, about, "after");
}

static int watched(int descriptor) {
  return descriptor >= 0 && descriptor < DESCRIPTORS && atomic_load(&is_watched[descriptor]);
}

static void watch(int descriptor, int whether) {
  if (descriptor >= 0 && descriptor < DESCRIPTORS) atomic_store(&is_watched[descriptor], (unsigned char)whether);
}

/* The last part of what a descriptor is called: that is enough to know it by. */
static const char *called(int descriptor, char path[256]) {
  char link[40];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, 255);
  path[length < 0 ? 0 : length] = 0;
  char *name = strrchr(path, '/');
  return name ? name + 1 : path;
}

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (found == NULL) abort();
  return found;
}

/* A call on a descriptor that is watched: counted, and otherwise as it ever was. */
#define ON_SOCKET(name, parameters, arguments)                                  \
  ssize_t name parameters {                                                     \
    static __typeof__(&name) next;                                              \
    if (next == NULL) next = REAL(name);                                        \
    if (!watched(fd)) return next arguments;                                    \
    char path[256];                                                             \
    const char *about = called(fd, path);                                       \
    long number = enter(#name, about);                                          \
    ssize_t result = next arguments;                                            \
    int error = errno;                                                          \
    leave(number, #name, about);                                                \
    errno = error;                                                              \
    return result;                                                              \
  }
/* The same of a file; `then` tells the disk what was done, unless it failed. */
#define ON_FILE(whether, type, name, parameters, arguments, then)               \
  type name parameters {                                                        \
    static __typeof__(&name) next;                                              \
    if (next == NULL) next = REAL(name);                                        \
    if (!(whether)) return next arguments;                                      \
    char path[256];                                                             \
    const char *about = called(fd, path);                                       \
    power_hold();                                                               \
    long number = enter(#name, about);                                          \
    type result = next arguments;                                               \
    int error = errno;                                                          \
    if (result >= 0) then;                                                      \
    leave(number, #name, about);                                                \
    power_release();                                                            \
    errno = error;                                                              \
    return result;                                                              \
  }

static void synced(int fd) {
  if (!lies) power_synced(fd);
}

ON_FILE(watched(fd), ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size),
        power_wrote(fd, data, result, -1))
ON_FILE(watched(fd), ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at),
        power_wrote(fd, data, result, at))
ON_FILE(watched(fd), ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at),
        power_wrote(fd, data, result, at))
/* A folder that was only opened to be read is synced too. */
ON_FILE(1, int, fsync, (int fd), (fd), synced(fd))
ON_FILE(1, int, fdatasync, (int fd), (fd), synced(fd))
ON_FILE(watched(fd), int, ftruncate, (int fd, off_t size), (fd, size), power_resized(fd, size))
ON_FILE(watched(fd), int, ftruncate64, (int fd, off64_t size), (fd, size), power_resized(fd, size))
ON_FILE(watched(fd), int, fchmod, (int fd, mode_t mode), (fd, mode), (void)0)
ON_SOCKET(send, (int fd, const void *data, size_t size, int flags), (fd, data, size, flags))
ON_SOCKET(sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags))
ON_SOCKET(sendto, (int fd, const void *data, size_t size, int flags, const struct sockaddr *to, socklen_t length),
          (fd, data, size, flags, to, length))
ON_SOCKET(recv, (int fd, void *data, size_t size, int flags), (fd, data, size, flags))

int close(int fd) {
  static __typeof__(&close) next;
  if (next == NULL) next = REAL(close);
  if (!watched(fd)) return next(fd);
  char path[256];
  const char *about = called(fd, path);
  long number = enter("close", about);
  watch(fd, 0);
  int result = next(fd);
  leave(number, "close", about);
  return result;
}

int connect(int fd, const struct sockaddr *to, socklen_t length) {
  static __typeof__(&connect) next;
  if (next == NULL) next = REAL(connect);
  if (to->sa_family != AF_INET && to->sa_family != AF_INET6) return next(fd, to, length);
  watch(fd, 1);
  long number = enter("connect", NULL);
  int result = next(fd, to, length);
  int error = errno;
  leave(number, "connect", NULL);
  errno = error;
  return result;
}

/* A lock is what tells others that its process lives; the kernel drops it with the process. */
static int control(const char *name, int (*next)(int, int, ...), int fd, int command, void *value) {
  int locks = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW;
  if (!locks || !watched(fd)) return next(fd, command, value);
  char path[256];
  const char *about = called(fd, path);
  long number = enter(name, about);
  int result = next(fd, command, value);
  int error = errno;
  leave(number, name, about);
  errno = error;
  return result;
}

#define CONTROL(name)                                                           \
  int name(int fd, int command, ...) {                                          \
    static __typeof__(&name) next;                                              \
    if (next == NULL) next = REAL(name);                                        \
    va_list values;                                                             \
    va_start(values, command);                                                  \
    void *value = va_arg(values, void *);                                       \
    va_end(values);                                                             \
    return control(#name, next, fd, command, value);                            \
  }
CONTROL(fcntl)
CONTROL(fcntl64)

/* Opening makes a file or does not; either way what can be written is watched from here on. */
#define OPENING(name, at, parameters, arguments)                                \
  int name parameters {                                                         \
    static __typeof__(&name) next;                                              \
    if (next == NULL) next = REAL(name);                                        \
    mode_t mode = 0;                                                            \
    int makes = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;          \
    if (makes) {                                                                \
      va_list values;                                                           \
      va_start(values, flags);                                                  \
      mode = va_arg(values, mode_t);                                            \
      va_end(values);                                                           \
    }                                                                           \
    power_hold();                                                               \
    long number = makes ? enter(#name, path) : 0;                               \
    int is_new = makes && faccessat(at, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0;  \
    int result = next arguments;                                                \
    int error = errno;                                                          \
    watch(result, (flags & O_ACCMODE) != O_RDONLY);                             \
    if (result >= 0 && is_new) power_named(at, path);                           \
    if (result >= 0 && (flags & O_ACCMODE) != O_RDONLY) power_opened(result);   \
    if (makes) leave(number, #name, path);                                      \
    power_release();                                                            \
    errno = error;                                                              \
    return result;                                                              \
  }
OPENING(open, AT_FDCWD, (const char *path, int flags, ...), (path, flags, mode))
OPENING(open64, AT_FDCWD, (const char *path, int flags, ...), (path, flags, mode))
OPENING(openat, folder, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
OPENING(openat64, folder, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))

/* A call on a name. `first` looks at what will lose it, `then` tells the disk. */
#define ON_NAME(name, about, parameters, arguments, first, then)                \
  int name parameters {                                                         \
    static __typeof__(&name) next;                                              \
    if (next == NULL) next = REAL(name);                                        \
    power_hold();                                                               \
    long number = enter(#name, about);                                          \
    int victim = first;                                                         \
    int result = next arguments;                                                \
    int error = errno;                                                          \
    if (result == 0) then;                                                      \
    (void)victim;                                                               \
    leave(number, #name, about);                                                \
    power_release();                                                            \
    errno = error;                                                              \
    return result;                                                              \
  }
ON_NAME(mkdir, path, (const char *path, mode_t mode), (path, mode), -1, power_named(AT_FDCWD, path))
ON_NAME(mkdirat, path, (int folder, const char *path, mode_t mode), (folder, path, mode), -1, power_named(folder, path))
ON_NAME(unlink, path, (const char *path), (path), power_victim(AT_FDCWD, path), power_unnamed(AT_FDCWD, path, victim))
ON_NAME(unlinkat, path, (int folder, const char *path, int flags), (folder, path, flags), power_victim(folder, path),
        power_unnamed(folder, path, victim))
ON_NAME(rename, to, (const char *from, const char *to), (from, to), power_victim(AT_FDCWD, to),
        power_renamed(AT_FDCWD, from, AT_FDCWD, to, victim))
ON_NAME(renameat, to, (int folder, const char *from, int other, const char *to), (folder, from, other, to),
        power_victim(other, to), power_renamed(folder, from, other, to, victim))
ON_NAME(renameat2, to, (int folder, const char *from, int other, const char *to, unsigned flags),
        (folder, from, other, to, flags), power_victim(other, to), power_renamed(folder, from, other, to, victim))
ON_NAME(link, to, (const char *from, const char *to), (from, to), -1, power_named(AT_FDCWD, to))
ON_NAME(linkat, to, (int folder, const char *from, int other, const char *to, int flags),
        (folder, from, other, to, flags), -1, power_named(other, to))

/* Some calls have no name in every libc. */
long syscall(long which, ...) {
  static __typeof__(&syscall) next;
  if (next == NULL) next = REAL(syscall);
  long v[6];
  va_list values;
  va_start(values, which);
  for (int i = 0; i < 6; i++) v[i] = va_arg(values, long);
  va_end(values);
  if (which != SYS_renameat2) return next(which, v[0], v[1], v[2], v[3], v[4], v[5]);
  return renameat2((int)v[0], (const char *)v[1], (int)v[2], (const char *)v[3], (unsigned)v[4]);
}
