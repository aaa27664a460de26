/* libc for both builds: Embedded Swift cannot import Glibc. Functions that libc declares with variable arguments or
 * as macros get a plain inline twin here.
 *
 * _GNU_SOURCE stays undefined: it changes types of libc, and tests, which import Glibc too, would see two different
 * ones of the same name. What needs it is called by its number or lives in CRT. */
#pragma once
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

static inline int cs_errno(void) { return errno; }
static inline int cs_open(const char *path, int flags, mode_t mode) { return open(path, flags, mode); }
static inline int cs_openat(int folder, const char *path, int flags, mode_t mode) {
  return openat(folder, path, flags, mode);
}

/* Opens a place in the tree and nothing in it: search permission is enough. */
#define CS_O_PATH __O_PATH

/* Opens what lies below a folder and nowhere else: no "..", no absolute path, no link and no magic link leads out. */
static inline int cs_open_beneath(int folder, const char *path, int flags) {
  struct { uint64_t flags, mode, resolve; } how = {(uint64_t)flags, 0, 0x08 /* BENEATH */ | 0x02 /* NO_MAGICLINKS */};
  return (int)syscall(437 /* openat2 */, folder, path, &how, sizeof how);
}

/* Renames in one step unless the new name is taken (EEXIST). */
static inline int cs_rename_new(int folder, const char *name, const char *new_name) {
  return (int)syscall(SYS_renameat2, folder, name, folder, new_name, 1 /* RENAME_NOREPLACE */);
}

/* The first free descriptor from 3 on, close-on-exec, for the same open file. */
static inline int cs_dup_above_stdio(int descriptor) { return fcntl(descriptor, F_DUPFD_CLOEXEC, 3); }

/* Locks a whole open file, shared or alone, without waiting. The lock is the open file's, not the process's: closing
 * another descriptor for the same path does not drop it. */
static inline int cs_lock(int descriptor, int alone) {
  struct flock lock = {0};
  lock.l_type = (short)(alone ? F_WRLCK : F_RDLCK);
  lock.l_whence = SEEK_SET;
  return fcntl(descriptor, 37 /* F_OFD_SETLK */, &lock);
}

/* 1 when the descriptor is open for writing only. */
static inline int cs_only_writes(int descriptor) {
  int flags = fcntl(descriptor, F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) == O_WRONLY;
}

/* 1 when the folder lies on another machine, whose locks and shared memory are no use here; below 0 for an error. */
static inline int cs_is_remote(int folder) {
  struct statfs status;
  if (fstatfs(folder, &status) != 0) return -1;
  switch ((uint32_t)status.f_type) {
  case 0x6969:     /* NFS */
  case 0x517b:     /* SMB */
  case 0xff534d42: /* CIFS */
  case 0xfe534d42: /* SMB2 */
    return 1;
  default: return 0;
  }
}

/* Beyond this many bytes a write raises SIGXFSZ, whose default ends the process. */
static inline uint64_t cs_file_size_limit(void) {
  struct rlimit limit;
  return getrlimit(RLIMIT_FSIZE, &limit) == 0 ? (uint64_t)limit.rlim_cur : UINT64_MAX;
}
