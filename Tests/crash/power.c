/* A disk whose current fails: kill -9 alone would never miss an fsync, because the kernel outlives the process.
 *
 * Of each file that can be written this keeps what it held when it was last synced, and every write since; of each
 * folder the names that came and went since it was synced. When the current fails, the files and folders are put back:
 * to what was synced, or to that and some of the rest. The model is as strict as POSIX allows: syncing a file does not
 * sync its name, and writes to a file may be lost one by one. Names are lost from the newest on, as in any file system
 * with a journal. The wal-index (-shm) and locks mean nothing after a restart, and are left alone.
 *
 * It calls the kernel directly: its own calls are not the process's. */
#define _GNU_SOURCE
#include "power.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FILES = 256, NAMES = 1024, NAME_BYTES = 256 };

struct write { char *data; off_t at; size_t size; int resizes; struct write *next; };
struct file { dev_t device; ino_t number; int fd; char *synced; size_t size; struct write *first, **last; };
/* Something that a folder does not have on the disk yet: a name that came (from is empty), went, or became another. */
struct name { int folder; struct stat in; char from[NAME_BYTES], to[NAME_BYTES]; int victim, is_settled; };

static pthread_mutex_t disk = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static enum { ON, LOSES_ALL, LOSES_CONTENTS, LOSES_SOME } plan = ON;
static uint64_t chance;
static struct file files[FILES];
static struct name names[NAMES];
static int file_count, name_count;

void power_begin(const char *order) {
  if (order == NULL) return;
  plan = strcmp(order, "all") == 0 ? LOSES_ALL : strcmp(order, "contents") == 0 ? LOSES_CONTENTS : LOSES_SOME;
  chance = strtoull(order, NULL, 10) * 2654435761u + 1;
}

void power_hold(void) { pthread_mutex_lock(&disk); }
void power_release(void) { pthread_mutex_unlock(&disk); }

/* What this cannot follow must not pass for a kept promise. */
static void *must(void *found, const char *what) {
  if (found) return found;
  dprintf(2, "power: %s\n", what);
  abort();
}

static unsigned roll(unsigned sides) {
  chance = chance * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)(chance >> 33) % sides;
}

static int means_nothing(const char *path) {
  size_t length = strlen(path);
  if (length > 4 && strcmp(path + length - 4, "-shm") == 0) return 1;
  return length > 5 && strcmp(path + length - 5, ".lock") == 0;
}

static struct file *known(int fd) {
  struct stat status;
  if (plan == ON || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return NULL;
  for (int i = 0; i < file_count; i++)
    if (files[i].device == status.st_dev && files[i].number == status.st_ino) return &files[i];
  return NULL;
}

/* All that was written is on the disk. */
static void settle(struct file *file) {
  struct stat status;
  fstat(file->fd, &status);
  free(file->synced);
  file->synced = must(malloc((size_t)status.st_size + 1), "no memory");
  ssize_t size = pread(file->fd, file->synced, (size_t)status.st_size, 0);
  file->size = size < 0 ? 0 : (size_t)size;
  while (file->first) {
    struct write *next = file->first->next;
    free(file->first->data);
    free(file->first);
    file->first = next;
  }
  file->last = &file->first;
}

void power_opened(int fd) {
  char link[40], path[4096];
  struct stat status;
  if (plan == ON || fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || known(fd)) return;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  path[length < 0 ? 0 : length] = 0;
  if (means_nothing(path)) return;
  must(file_count < FILES ? files : NULL, "too many files");
  struct file *file = &files[file_count++];
  int own = (int)syscall(SYS_openat, AT_FDCWD, link, O_RDWR | O_CLOEXEC, 0);
  must(own >= 0 ? file : NULL, "a file cannot be opened a second time");
  *file = (struct file){status.st_dev, status.st_ino, own, NULL, 0, NULL, NULL};
  settle(file);
}

static void note(int fd, const void *data, size_t size, off_t at, int resizes) {
  struct file *file = known(fd);
  if (!file) return;
  struct write *one = must(calloc(1, sizeof *one), "no memory");
  *one = (struct write){NULL, at, size, resizes, NULL};
  if (!resizes) memcpy(one->data = must(malloc(size + 1), "no memory"), data, size);
  *file->last = one;
  file->last = &one->next;
}

void power_wrote(int fd, const void *data, ssize_t size, off_t at) {
  if (size > 0) note(fd, data, (size_t)size, at < 0 ? lseek(fd, 0, SEEK_CUR) - size : at, 0);
}

void power_resized(int fd, off_t size) { note(fd, NULL, 0, size, 1); }

void power_synced(int fd) {
  struct stat status;
  struct file *file = known(fd);
  if (file) settle(file);
  if (plan == ON || fstat(fd, &status) != 0 || !S_ISDIR(status.st_mode)) return;
  for (int i = 0; i < name_count; i++)
    names[i].is_settled |= names[i].in.st_ino == status.st_ino && names[i].in.st_dev == status.st_dev;
}

/* ---- names ---- */

static const char *last_part(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static int folder_of(int folder, const char *path) {
  char parent[4096];
  int length = (int)(last_part(path) - path);
  snprintf(parent, sizeof parent, "%.*s", length, length ? path : "");
  int fd = (int)syscall(SYS_openat, folder, length ? parent : ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  must(fd >= 0 ? parent : NULL, "a folder cannot be opened");
  return fd;
}

static void changed(int folder, const char *path, const char *from, const char *to, int victim) {
  if (plan == ON || means_nothing(path)) return;
  must(name_count < NAMES ? names : NULL, "too many names");
  struct name *one = &names[name_count++];
  *one = (struct name){.folder = folder_of(folder, path), .victim = victim};
  fstat(one->folder, &one->in);
  snprintf(one->from, NAME_BYTES, "%s", from);
  snprintf(one->to, NAME_BYTES, "%s", to);
}

void power_named(int folder, const char *path) { changed(folder, path, "", last_part(path), -1); }

int power_victim(int folder, const char *path) {
  if (plan == ON || means_nothing(path)) return -1;
  return (int)syscall(SYS_openat, folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);
}

void power_unnamed(int folder, const char *path, int victim) { changed(folder, path, last_part(path), "", victim); }

void power_renamed(int folder, const char *from, int other, const char *to, int victim) {
  (void)folder;  /* The library renames within one folder. */
  changed(other, to, last_part(from), last_part(to), victim);
}

/* ---- the end ---- */

static void put(int fd, const char *data, size_t size, off_t at) {
  for (ssize_t done; size > 0; data += done, at += done, size -= (size_t)done) {
    done = syscall(SYS_pwrite64, fd, data, size, at);
    must(done > 0 ? files : NULL, "a file cannot be put back");
  }
}

static void put_back(struct file *file) {
  syscall(SYS_ftruncate, file->fd, (off_t)0);
  put(file->fd, file->synced, file->size, 0);
  for (struct write *one = file->first; one; one = one->next) {
    if (plan != LOSES_SOME || roll(2)) continue;
    if (one->resizes) syscall(SYS_ftruncate, file->fd, one->at);
    else put(file->fd, one->data, one->size, one->at);
  }
}

/* A file that had lost its name has it again. */
static void bring_back(int folder, const char *name, int victim) {
  char piece[65536];
  off_t at = 0;
  int fd = (int)syscall(SYS_openat, folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  must(fd >= 0 ? piece : NULL, "a name cannot be brought back");
  for (ssize_t size; victim >= 0 && (size = pread(victim, piece, sizeof piece, at)) > 0; at += size)
    put(fd, piece, (size_t)size, at);
}

/* What lies in a folder goes with its name. */
static void take_away(int folder, const char *name) {
  if (syscall(SYS_unlinkat, folder, name, 0) == 0 || (errno != EISDIR && errno != EPERM)) return;
  int fd = (int)syscall(SYS_openat, folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  DIR *within = fd < 0 ? NULL : fdopendir(fd);
  for (struct dirent *one; within && (one = readdir(within));) syscall(SYS_unlinkat, fd, one->d_name, 0);
  syscall(SYS_unlinkat, folder, name, AT_REMOVEDIR);
}

void power_fail(void) {
  power_hold();
  if (plan == ON) return;
  for (int i = 0; i < file_count; i++) put_back(&files[i]);
  if (plan == LOSES_CONTENTS) return;
  int lost = 0, open_names = 0;
  for (int i = 0; i < name_count; i++) open_names += !names[i].is_settled;
  int losing = plan == LOSES_ALL ? open_names : open_names ? (int)roll((unsigned)open_names + 1) : 0;
  for (int i = name_count - 1; i >= 0 && lost < losing; i--) {
    struct name *one = &names[i];
    if (one->is_settled) continue;
    lost++;
    if (one->from[0] && one->to[0]) syscall(SYS_renameat, one->folder, one->to, one->folder, one->from);
    else if (one->to[0]) take_away(one->folder, one->to);
    if ((one->to[0] && one->victim >= 0) || !one->to[0])
      bring_back(one->folder, one->to[0] ? one->to : one->from, one->victim);
  }
}
