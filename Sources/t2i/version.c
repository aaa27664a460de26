/* The library that was loaded, compared with the header. The tool is linked lazily, so that even a library that lacks
 * functions is met by a sentence and not by the loader's complaint. */
#define _GNU_SOURCE
#include "version.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "t2i.h"

const char *library_version(void) {
  static char shown[32];
  uint32_t version = t2i_version();
  snprintf(shown, sizeof shown, "%u.%u.%u", version >> 24, version >> 12 & 0xfff, version & 0xfff);
  return shown;
}

bool library_fits(void) {
  uint32_t version = t2i_version();
  return version >> 24 == T2I_VERSION_MAJOR && version >> 12 >= T2I_VERSION >> 12;
}

const char *library_misfit(void) {
  static char line[4400];
  snprintf(line, sizeof line,
           "this t2i was built for libt2i %d.%d and loaded %s from %s; install both from one release, "
           "and look whether LD_LIBRARY_PATH names an old folder",
           T2I_VERSION_MAJOR, T2I_VERSION_MINOR, library_version(), library_path());
  return line;
}

const char *library_path(void) {
  static char path[PATH_MAX];
  Dl_info found;
  /* By name: the address of a function of a library may be a trampoline of our own. */
  void *symbol = dlsym(RTLD_DEFAULT, "t2i_version");
  if (!symbol || !dladdr(symbol, &found) || !found.dli_fname) return "an unknown place";
  return realpath(found.dli_fname, path) ? path : found.dli_fname;
}
