/* The library as a plugin system has it: found by dlopen and dlsym, in as many copies as there are files. */
#ifndef LOADED_H
#define LOADED_H
#include "host.h"

struct loaded {
  void *library;
  t2i_status (*open)(const char *, size_t, const t2i_client_opts *, t2i_client *, t2i_error *);
  t2i_status (*close)(t2i_client, int64_t, t2i_error *);
  t2i_status (*fd)(t2i_client, intptr_t *, t2i_error *);
  t2i_status (*pump)(t2i_client, uint32_t, int64_t, int64_t *, t2i_error *);
  t2i_status (*wake)(t2i_client);
  t2i_status (*submit)(t2i_client, const char *, size_t, const t2i_submit_opts *, t2i_task *, t2i_error *);
  t2i_status (*wait)(t2i_client, const t2i_task *, size_t, int32_t, int64_t, size_t *, t2i_error *);
  t2i_status (*read)(t2i_client, t2i_task, uint32_t, int64_t, void **, size_t *, t2i_error *);
  t2i_status (*ending)(t2i_client, t2i_task, t2i_error *);
  t2i_status (*shutdown)(int64_t, char **, size_t *);
  void (*free)(void *);
};

/* ISO C knows no way from void * to a function; memory does. */
static inline void find(void *library, const char *name, void *function) {
  void *address = dlsym(library, name);
  if (address == NULL) abort();
  memcpy(function, &address, sizeof address);
}

static inline struct loaded found(void *library) {
  struct loaded lib;
  if (library == NULL) {
    printf("%s\n", dlerror());
    abort();
  }
  lib.library = library;
  find(library, "t2i_client_open", &lib.open);
  find(library, "t2i_client_close", &lib.close);
  find(library, "t2i_client_fd", &lib.fd);
  find(library, "t2i_client_pump", &lib.pump);
  find(library, "t2i_client_wake", &lib.wake);
  find(library, "t2i_submit", &lib.submit);
  find(library, "t2i_wait", &lib.wait);
  find(library, "t2i_output_read", &lib.read);
  find(library, "t2i_task_error", &lib.ending);
  find(library, "t2i_shutdown", &lib.shutdown);
  find(library, "t2i_free", &lib.free);
  return lib;
}

static inline struct loaded load(const char *path, int flags) { return found(dlopen(path, flags)); }

/* Another file, which the loader takes for another library. */
static inline void copy_library(const char *target) {
  const char *built = getenv("HOST_LIBRARY");
  char buffer[65536];
  size_t size;
  if (built == NULL) abort();
  FILE *from = fopen(built, "rb"), *to = fopen(target, "wb");
  if (from == NULL || to == NULL) abort();
  while ((size = fread(buffer, 1, sizeof buffer, from)) > 0)
    if (fwrite(buffer, 1, size, to) != size) abort();
  fclose(from);
  if (fclose(to) != 0) abort();
}
#endif
