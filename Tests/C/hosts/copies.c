/* Several copies of the library in one process, as when two plugins bring one each: the linked one, one that keeps its
 * names to itself, one that offers them to everybody, and one in a namespace of its own, with its own libc. All work at
 * once, and none knows a handle of another. */
#include "loaded.h"

enum { COPIES = 4, TASKS = 8 };

struct copy {
  const char *name;
  struct loaded lib;
  t2i_client client;
  t2i_task tasks[TASKS];
  unsigned char *picture;
  size_t length;
};

static void open_copy(struct copy *copy) {
  t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
  options.flags = drive;
  CHECK_OK(copy->lib.open(SKETCH, T2I_NTS, &options, &copy->client, &err));
  for (int i = 0; i < TASKS; i++)
    CHECK_OK(copy->lib.submit(copy->client, FOX, T2I_NTS, NULL, &copy->tasks[i], &err));
}

static void finish_copy(struct copy *copy) {
  CHECK_OK(copy->lib.wait(copy->client, copy->tasks, TASKS, T2I_WAIT_ALL, slowly(20000), NULL, &err));
  for (int i = 0; i < TASKS; i++) CHECK_OK(copy->lib.ending(copy->client, copy->tasks[i], &err));
  CHECK_OK(copy->lib.read(copy->client, copy->tasks[0], 0, 0, (void **)&copy->picture, &copy->length, &err));
}

int main(int argc, char **argv) {
  begin_host(argc, argv);
  static struct copy copies[COPIES];
  copy_library("./local.so"), copy_library("./global.so"), copy_library("./apart.so");
  copies[0].name = "linked", copies[0].lib = found(dlopen(getenv("HOST_LIBRARY"), RTLD_NOW));
  copies[1].name = "RTLD_LOCAL", copies[1].lib = load("./local.so", RTLD_NOW | RTLD_LOCAL);
  copies[2].name = "RTLD_GLOBAL", copies[2].lib = load("./global.so", RTLD_NOW | RTLD_GLOBAL);
  copies[3].name = "dlmopen", copies[3].lib = found(dlmopen(LM_ID_NEWLM, "./apart.so", RTLD_NOW));
  CHECK(copies[0].lib.open == t2i_client_open);
  for (int i = 0; i < COPIES; i++)
    for (int j = 0; j < i; j++) CHECK(copies[i].lib.open != copies[j].lib.open);

  for (int i = 0; i < COPIES; i++) open_copy(&copies[i]);
  for (int i = 0; i < COPIES; i++) finish_copy(&copies[i]);
  /* The same painter: the same bytes. */
  for (int i = 1; i < COPIES; i++)
    CHECK(copies[i].length == copies[0].length && memcmp(copies[i].picture, copies[0].picture, copies[0].length) == 0);

  /* Each ends by itself, and its end is nothing to the others. */
  for (int i = 0; i < COPIES; i++) {
    CHECK(copies[i].lib.wake(copies[i].client) == T2I_OK);
    copies[i].lib.free(copies[i].picture);
    CHECK(copies[i].lib.shutdown(slowly(5000), NULL, NULL) == T2I_OK);
    CHECK(copies[i].lib.wake(copies[i].client) == T2I_E_HANDLE);
  }
  CHECK(has_threads(1));
  for (int i = 1; i < COPIES; i++) CHECK(dlclose(copies[i].lib.library) == 0);
  counted("%d copies at once, %d tasks each: linked, local, global, and one with a libc of its own", COPIES, TASKS);
  return finish();
}
