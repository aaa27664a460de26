/* A host whose memory runs out, at every single allocation in turn: the n-th one of a task's life fails, and the n-th
 * only. The host defines malloc itself. What C code asks for (libcurl, OpenSSL, SQLite, jansson, zlib, and the buffers
 * of the library that others size) may fail: the call or the task says so, nothing hangs or dies, and afterwards all
 * works. What Swift asks for its own small objects may not: it ends the process there, as Swift does everywhere. That
 * is counted.
 *
 * cc: -rdynamic */
#include "host.h"

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

/* Which allocations are counted: those of C code, or those of Swift. */
enum whose { NOBODY, C_CODE, SWIFT };
static int armed;
static int counts[3];
static int fails_at;
static uintptr_t library_start, library_end;

/* 1 when this allocation is the one that fails. Swift allocates by posix_memalign, and nobody else here does. */
static int is_the_one(enum whose whose) {
  if (get(&armed) == NOBODY) return 0;
  int number = add(&counts[whose]);
  if (get(&armed) != (int)whose || number != fails_at) return 0;
  errno = ENOMEM;
  return 1;
}

static enum whose owner_of(void *caller) {
  uintptr_t address = (uintptr_t)caller;
  return address >= library_start && address < library_end ? SWIFT : C_CODE;
}

void *malloc(size_t size) { return is_the_one(C_CODE) ? NULL : __libc_malloc(size); }
void *calloc(size_t count, size_t size) { return is_the_one(C_CODE) ? NULL : __libc_calloc(count, size); }
void *realloc(void *old, size_t size) { return is_the_one(C_CODE) ? NULL : __libc_realloc(old, size); }

int posix_memalign(void **out, size_t alignment, size_t size) {
  if (is_the_one(owner_of(__builtin_return_address(0)))) return ENOMEM;
  *out = __libc_memalign(alignment, size);
  return *out == NULL ? ENOMEM : 0;
}

/* Where the library's code lies. */
static void find_library(void) {
  char line[1024];
  FILE *maps = fopen("/proc/self/maps", "r");
  if (maps == NULL) abort();
  while (fgets(line, sizeof line, maps)) {
    uintptr_t from, to;
    if (!has(line, "libt2i.so") || sscanf(line, "%" SCNxPTR "-%" SCNxPTR, &from, &to) != 2) continue;
    if (library_start == 0) library_start = from;
    library_end = to;
  }
  fclose(maps);
}

/* The whole life of a task; the first status that is no success. */
static t2i_status live(const char *config) {
  t2i_client client = 0;
  t2i_task task = 0;
  char *json = NULL;
  void *data = NULL;
  size_t length;
  t2i_status status = try_open(config, &client), closed;
  if (status == T2I_OK) status = t2i_check(client, HD_FOX, T2I_NTS, &json, &length, &err);
  t2i_free(json), json = NULL;
  if (status == T2I_OK) status = t2i_submit(client, HD_FOX, T2I_NTS, NULL, &task, &err);
  /* A lost look is repeated later; longer than this nobody waits here. */
  if (status == T2I_OK) status = t2i_wait(client, &task, 1, T2I_WAIT_ALL, slowly(8000), NULL, &err);
  if (status == T2I_OK) status = t2i_task_error(client, task, &err);
  if (status == T2I_OK) status = t2i_output_read(client, task, 0, 1000, &data, &length, &err);
  if (status == T2I_OK) status = t2i_output_save(client, task, 0, "m.png", T2I_NTS, T2I_SAVE_REPLACE, 1000, &err);
  if (status == T2I_OK) status = t2i_task_json(client, task, &json, &length, &err);
  t2i_free(json), t2i_free(data);
  if (client == 0) return status;
  do closed = t2i_client_close(client, slowly(8000), &err);
  while (closed == T2I_WOKEN);
  return status == T2I_OK ? closed : status;
}

#define SMALL "{\"provider\":\"sketch\",\"simulate\":{\"paint\":false}}"

/* One life in which the n-th allocation fails. 0: it went on or was told; 1: a number without a name, or what came
 * afterwards failed. A dead child is 128 and its signal. */
static int child(const char *config, enum whose whose, int number) {
  fails_at = number;
  alarm((unsigned)slowly(30));
  set(&armed, whose);
  t2i_status status = live(config);
  set(&armed, NOBODY);
  if (has(t2i_status_name(status), "UNKNOWN")) return 1;
  if (t2i_shutdown(slowly(5000), NULL, NULL) != T2I_OK) return 2;
  if (live(SMALL) != T2I_OK) return 3;
  return status == T2I_OK ? 0 : 10;
}

/* How many allocations of each kind there are, in a process of its own. */
static void count_allocations(const char *config, int *c_code, int *swift) {
  int *shared = (int *)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) abort();
  pid_t pid = fork();
  if (pid == 0) {
    set(&armed, C_CODE);
    int good = live(config) == T2I_OK;
    set(&armed, NOBODY);
    shared[0] = counts[C_CODE], shared[1] = counts[SWIFT];
    _exit(good ? 0 : 1);
  }
  CHECK(exit_code_of(pid) == 0);
  *c_code = shared[0], *swift = shared[1];
  munmap(shared, 4096);
}

static void sweep(const char *config, enum whose whose, int total, int tries, const char *name) {
  int went_on = 0, told = 0, died = 0, wrong = 0, step = total / tries > 0 ? total / tries : 1;
  for (int number = 1 + (int)((unsigned)getpid() % (unsigned)step); number <= total; number += step) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) _exit(child(config, whose, number));
    int code = exit_code_of(pid);
    went_on += code == 0, told += code == 10;
    /* Swift's own end is a trap or a write through NULL; everything else is a defect. */
    if (whose == SWIFT && (code == 128 + SIGILL || code == 128 + SIGTRAP || code == 128 + SIGSEGV)) died++;
    else if (code != 0 && code != 10) {
      wrong++;
      printf("  allocation %d of %s: exit code %d\n", number, name, code);
    }
  }
  CHECK(wrong == 0 && went_on + told + died > 0);
  counted("%s, each %d of %d allocations of %s failed in turn: %d went on, %d told, %d died", name, step, total,
          whose == SWIFT ? "Swift" : "C code", went_on, told, died);
}

/* OpenSSL's own beginning does not survive a failed allocation: a later call of it reads through NULL. So it has begun
 * before anything fails here, as it has in any host that used TLS before. */
static void begin_openssl(void) {
  int (*begin)(uint64_t, const void *) = NULL, (*seed)(void) = NULL;
  void *of_ssl = dlsym(RTLD_DEFAULT, "OPENSSL_init_ssl"), *of_random = dlsym(RTLD_DEFAULT, "RAND_status");
  memcpy(&begin, &of_ssl, sizeof begin), memcpy(&seed, &of_random, sizeof seed);
  if (begin == NULL || seed == NULL || begin(0, NULL) != 1 || seed() != 1)
    skipped("OpenSSL was not found; another TLS library may end the process where memory ends");
}

int main(int argc, char **argv) {
  begin_host(argc, argv);
  find_library();
  begin_openssl();
  CHECK(tell_service("reset", "{\"runningMs\":20,\"pendingMs\":5}"));
  char *configs[] = {strdup(SMALL), strdup(hosted("")), strdup(hosted_tls(",\"journal\":\"memory.sqlite\""))};
  const char *const of[] = {"sketch", "hosted", "hosted over TLS, with a journal"};
  for (int i = 0; i < 3; i++) {
    int c_code = 0, swift = 0;
    count_allocations(configs[i], &c_code, &swift);
    sweep(configs[i], C_CODE, c_code, either(i ? 250 : 500, i ? 8 : 30), of[i]);
    if (i == 0) sweep(configs[i], SWIFT, swift, either(100, 10), of[i]);
    free(configs[i]);
  }
  CHECK(tell_service("reset", "{}"));
  return finish();
}
