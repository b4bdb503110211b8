#pragma once

// A process that outlives its parent, the terminal and the session.

#ifdef __linux__
#include <sys/types.h>

/// Starts `path` with three arguments in a session of its own, with an empty signal mask, default signal actions,
/// descriptors 0 to 2 on /dev/null, `pipe` as descriptor 3 and nothing else open. Returns the process id, or a
/// negative errno.
pid_t clinux_spawn_session(
    const char *_Nonnull path, const char *_Nonnull first, const char *_Nonnull second,
    const char *_Nonnull third, int pipe);
#endif
