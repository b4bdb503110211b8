#define _GNU_SOURCE
#include "clinux_session.h"

#ifdef __linux__
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

extern char **environ;

pid_t clinux_spawn_session(
    const char *path, const char *first, const char *second, const char *third, int pipe) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  pid_t child = -1;
  // A number above the targets, so that no dup2 overwrites it.
  int raised = fcntl(pipe, F_DUPFD_CLOEXEC, 64);
  if (raised < 0) return -errno;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  int failure = 0;
  for (int i = 0; i < 3 && !failure; i++)
    failure = posix_spawn_file_actions_addopen(&actions, i, "/dev/null", O_RDWR, 0);
  if (!failure) failure = posix_spawn_file_actions_adddup2(&actions, raised, 3);
  if (!failure) failure = posix_spawn_file_actions_addclosefrom_np(&actions, 4);

  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(
      &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);

  char *arguments[] = {(char *)path, (char *)first, (char *)second, (char *)third, NULL};
  if (!failure) failure = posix_spawn(&child, path, &actions, &attributes, arguments, environ);
  close(raised);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return failure ? -failure : child;
}
#endif
