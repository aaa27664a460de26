/* A plugin system that loads and unloads: dlopen, work, shutdown, dlclose, a thousand times, and nothing grows. Then it
 * lets go without shutdown, with tasks alive, and goes on as if nothing had been there. The library is a second copy,
 * under another name, so that nothing else holds it. */
#include "loaded.h"

#include <malloc.h>

enum { TASKS = 3 };

/* One life of the plugin. */
static int live(const char *config) {
  struct loaded lib = load("./plugin.so", RTLD_NOW | RTLD_LOCAL);
  t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
  t2i_client client = 0;
  t2i_task tasks[TASKS];
  intptr_t descriptor;
  char *leaks = NULL;
  size_t length = 0;
  options.flags = drive;
  int good = lib.open(config, T2I_NTS, &options, &client, &err) == T2I_OK;
  good &= lib.fd(client, &descriptor, &err) == T2I_OK;
  for (int i = 0; i < TASKS; i++) good &= lib.submit(client, HD_FOX, T2I_NTS, NULL, &tasks[i], &err) == T2I_OK;
  good &= lib.wait(client, tasks, TASKS, T2I_WAIT_ANY, slowly(20000), NULL, &err) == T2I_OK;
  good &= lib.shutdown(slowly(5000), &leaks, &length) == T2I_OK && length == 2;
  lib.free(leaks);
  return good && dlclose(lib.library) == 0;
}

static void aThousandLivesLeaveNothing(const char *config, int lives, const char *name) {
  int good = 0, warm = lives / 2, threads = thread_count(), descriptors = 0;
  long before = 0;
  for (int i = 0; i < lives; i++) {
    /* The first lives fill pools of libc, libcurl and the TLS library that stay for good. */
    if (i == warm) malloc_trim(0), before = resident_kb(), descriptors = descriptor_count();
    good += live(config);
  }
  /* What libc keeps for later is no leak. */
  malloc_trim(0);
  long grown = resident_kb() - before;
  CHECK(good == lives);
  CHECK(has_threads(threads));
  CHECK(descriptor_count() == descriptors);
  /* A page here and there is noise, and weighs more the fewer lives: a leak of 2.5 KiB a life shows all the same. */
  if (!CHECK(grown < (lives < 200 ? 128 : 64))) printf("  grown by %ld KiB\n", grown);
  counted("%d lives of a plugin with %s; resident memory grew by %ld KiB after the first %d", good, name, grown, warm);
}

static void lettingGoWithoutShutdownHurtsNobody(const char *config) {
  struct loaded lib = load("./plugin.so", RTLD_NOW | RTLD_LOCAL);
  t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
  t2i_client client = 0;
  t2i_task task = 0;
  options.flags = drive;
  CHECK_OK(lib.open(config, T2I_NTS, &options, &client, &err));
  for (int i = 0; i < 4; i++) CHECK_OK(lib.submit(client, HD_FOX, T2I_NTS, NULL, &task, &err));
  if (drive) lib.pump(client, 0, 0, NULL, &err);
  CHECK(dlclose(lib.library) == 0);
  /* What the host loads next would take the place of code that our threads still run. */
  for (int i = 0; i < 200; i++) {
    void *page = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) abort();
    memset(page, 0xcc, 1 << 20);
    rest_ms(1);
    munmap(page, 1 << 20);
  }
  struct loaded again = load("./plugin.so", RTLD_NOW | RTLD_LOCAL);
  CHECK_OK(again.wait(client, &task, 1, T2I_WAIT_ALL, slowly(20000), NULL, &err));
  CHECK(again.shutdown(slowly(5000), NULL, NULL) == T2I_OK);
  CHECK(dlclose(again.library) == 0);
}

int main(int argc, char **argv) {
  begin_host(argc, argv);
  copy_library("./plugin.so");
  const char *quick = "{\"provider\":\"sketch\",\"simulate\":{\"latencyMs\":2,\"paint\":false}}";
  aThousandLivesLeaveNothing(quick, either(1000, 100), "sketch");
  aThousandLivesLeaveNothing(strdup(hosted(",\"fetch\":\"lazy\"")), either(200, 12), "the hosted service");
  lettingGoWithoutShutdownHurtsNobody(SKETCH);
  lettingGoWithoutShutdownHurtsNobody(hosted(""));
  return finish();
}
