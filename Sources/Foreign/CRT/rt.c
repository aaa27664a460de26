#define _GNU_SOURCE
#include "crt.h"

#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Embedded Swift seeds its Hasher with this. glibc has it only from 2.36 on, so we carry our own, hidden. */
__attribute__((visibility("hidden"))) void arc4random_buf(void *buffer, size_t size);
void arc4random_buf(void *buffer, size_t size) {
  unsigned char *byte = buffer;
  while (size > 0) {
    long got = syscall(SYS_getrandom, byte, size, 0);
    if (got > 0) {
      byte += got;
      size -= (size_t)got;
    }
  }
}
