// For pipe2, which Swift's Glibc leaves out.
#define _GNU_SOURCE
#include "cpipe.h"
#include <fcntl.h>
#include <unistd.h>

int cpipe_open(int ends[2]) {
#ifdef __linux__
  return pipe2(ends, O_CLOEXEC);
#else
  if (pipe(ends) != 0) return -1;
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  return 0;
#endif
}
