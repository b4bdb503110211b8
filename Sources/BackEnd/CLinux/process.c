#define _GNU_SOURCE
#include "clinux.h"

#ifdef __linux__
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

static int argument_count;
static char **argument_values;

// Swift's library reads the arguments from /proc/self/cmdline, and has none where /proc is missing. It looks for its program
// of backtraces there too, and aborts where it cannot: without /proc it is told not to.
__attribute__((constructor(101))) static void keep_arguments(int count, char **values) {
  argument_count = count;
  argument_values = values;
  if (access("/proc/self/exe", F_OK) != 0) setenv("SWIFT_BACKTRACE", "enable=no,swift-backtrace=/none", 1);
}

char **clinux_arguments(int *count) {
  *count = argument_count;
  return argument_values;
}

struct host {
  int control;
  unsigned seconds;
};

static void *outlive(void *argument) {
  struct host host = *(struct host *)argument;
  free(argument);
  struct pollfd wanted = {host.control, 0, 0};
  while (poll(&wanted, 1, -1) < 0 && errno == EINTR) {}
  if (wanted.revents & POLLNVAL) return NULL;
  // Not interrupted: every signal is held back from this thread.
  sleep(host.seconds);
  kill(getpid(), SIGKILL);
  return NULL;
}

void clinux_end_after_host(int control, unsigned seconds) {
  // A process that is stopped does not see the end of its host, and would hold the lock for ever.
  prctl(PR_SET_PDEATHSIG, SIGCONT);
  struct host *host = malloc(sizeof *host);
  if (!host) return;
  *host = (struct host){control, seconds};
  sigset_t all, former;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &former);
  pthread_t thread;
  if (pthread_create(&thread, NULL, outlive, host) == 0)
    pthread_detach(thread);
  else
    free(host);
  pthread_sigmask(SIG_SETMASK, &former, NULL);
}

int clinux_waiting_signal(void) {
  sigset_t waiting, held;
  if (sigpending(&waiting) < 0 || pthread_sigmask(SIG_BLOCK, NULL, &held) != 0) return 0;
  const int ends[] = {SIGINT, SIGTERM, SIGHUP};
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    if (sigismember(&waiting, ends[i]) == 1 && sigismember(&held, ends[i]) == 1) return ends[i];
  return 0;
}

void clinux_keep_memory_small(void) {
  mallopt(M_MMAP_THRESHOLD, 256 << 10);
  mallopt(M_TRIM_THRESHOLD, 256 << 10);
  mallopt(M_ARENA_MAX, 4);
}

void clinux_return_memory(void) { malloc_trim(0); }
#endif
