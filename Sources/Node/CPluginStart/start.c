#include "plugin_start.h"
#include <stdlib.h>

// Swift's runtime looks for its program of backtraces before main, by /proc/self/exe, and aborts where there is no
// /proc. A container runtime needs no backtraces of the plugin. This runs before the runtime's own start.
__attribute__((constructor(101))) static void before_the_runtime(void) {
  setenv("SWIFT_BACKTRACE", "enable=no,swift-backtrace=/none", 1);
}

void plugin_start(void) {}
