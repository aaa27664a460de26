/* A plugin's life: the library is loaded by name, used, and let go of with tasks alive. It is a second copy in this
 * process, beside the one the program is linked with, and the two know nothing of each other. */
#include "check.h"

/* Writes a copy of the library under another name, so that the loader takes it for another library. */
static void copy_library(const char *target) {
  Dl_info info;
  char buffer[65536];
  size_t size;
  uint32_t (*any)(void) = t2i_version;
  void *address;
  memcpy(&address, &any, sizeof address);
  if (dladdr(address, &info) == 0) abort();
  FILE *from = fopen(info.dli_fname, "rb"), *to = fopen(target, "wb");
  if (from == NULL || to == NULL) abort();
  while ((size = fread(buffer, 1, sizeof buffer, from)) > 0)
    if (fwrite(buffer, 1, size, to) != size) abort();
  fclose(from);
  if (fclose(to) != 0) abort();
}

/* ISO C knows no way from void * to a function; memory does. */
static void find(void *library, const char *name, void *function) {
  void *address = dlsym(library, name);
  if (address == NULL) abort();
  memcpy(function, &address, sizeof address);
}

struct copy {
  void *library;
  t2i_status (*open)(const char *, size_t, const t2i_client_opts *, t2i_client *, t2i_error *);
  t2i_status (*close)(t2i_client, int64_t, t2i_error *);
  t2i_status (*submit)(t2i_client, const char *, size_t, const t2i_submit_opts *, t2i_task *, t2i_error *);
  t2i_status (*wait)(t2i_client, const t2i_task *, size_t, int32_t, int64_t, size_t *, t2i_error *);
  t2i_status (*wake)(t2i_client);
  t2i_status (*shutdown)(int64_t, char **, size_t *);
};

static struct copy load(const char *path) {
  struct copy copy;
  copy.library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (copy.library == NULL) {
    printf("%s\n", dlerror());
    abort();
  }
  find(copy.library, "t2i_client_open", &copy.open);
  find(copy.library, "t2i_client_close", &copy.close);
  find(copy.library, "t2i_submit", &copy.submit);
  find(copy.library, "t2i_wait", &copy.wait);
  find(copy.library, "t2i_client_wake", &copy.wake);
  find(copy.library, "t2i_shutdown", &copy.shutdown);
  return copy;
}

static void twoCopiesKnowNothingOfEachOther(struct copy copy) {
  t2i_client linked = open_client(SKETCH, 0), loaded = 0;
  t2i_task task = 0, other = submit(linked, FOX);
  CHECK(copy.open != t2i_client_open);
  CHECK_OK(copy.open(SKETCH, T2I_NTS, NULL, &loaded, &err));
  CHECK_OK(copy.submit(loaded, FOX, T2I_NTS, NULL, &task, &err));
  CHECK_OK(copy.wait(loaded, &task, 1, T2I_WAIT_ALL, slowly(10000), NULL, &err));
  CHECK(ended(linked, other) == T2I_OK);
  CHECK(copy.shutdown(slowly(5000), NULL, NULL) == T2I_OK);
  CHECK(copy.wake(loaded) == T2I_E_HANDLE && t2i_client_wake(linked) == T2I_OK);
  t2i_client_close(linked, T2I_FOREVER, NULL);
  t2i_client_close(linked, T2I_FOREVER, NULL);
}

static void lettingGoWithTasksAliveIsSafe(struct copy copy) {
  t2i_client painting = 0, slow = 0;
  t2i_task task = 0;
  CHECK_OK(copy.open(SKETCH, T2I_NTS, NULL, &painting, &err));
  CHECK_OK(copy.open("{\"provider\":\"sketch\",\"simulate\":{\"latencyMs\":50}}", T2I_NTS, NULL, &slow, &err));
  for (int i = 0; i < 4; i++)
    CHECK_OK(copy.submit(painting, "{\"promptText\":\"a sea\",\"ratio\":\"512:512\"}", T2I_NTS, NULL, &task, &err));
  CHECK_OK(copy.submit(slow, FOX, T2I_NTS, NULL, &task, &err));
  CHECK(dlclose(copy.library) == 0);
  /* Its threads go on in code that is still there. */
  rest_ms(150);
  CHECK(thread_count() > 1);
  struct copy again = load("./copy.so");
  CHECK(again.open == copy.open);
  CHECK_OK(again.wait(slow, &task, 1, T2I_WAIT_ALL, slowly(10000), NULL, &err));
  CHECK(again.shutdown(slowly(5000), NULL, NULL) == T2I_OK);
  CHECK(has_threads(1));
}

int main(void) {
  begin();
  copy_library("./copy.so");
  struct copy copy = load("./copy.so");
  twoCopiesKnowNothingOfEachOther(copy);
  lettingGoWithTasksAliveIsSafe(copy);
  CHECK(t2i_shutdown(slowly(5000), NULL, NULL) == T2I_OK);
  return finish();
}
