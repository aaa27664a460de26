/* Preloaded, every file lies on NFS, as far as the kernel's word for its filesystem says. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

int fstatfs(int descriptor, struct statfs *status) {
  long result = syscall(SYS_fstatfs, descriptor, status);
  if (result == 0) status->f_type = 0x6969;
  return (int)result;
}
