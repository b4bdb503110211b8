#pragma once

// What a program waits for that watches a table: nf_tables' own events, and signals as something to read. Every
// function returns a negative errno on failure.

#ifdef __linux__
#include <stdint.h>
#include <sys/types.h>

/// What a message among nf_tables' events tells.
enum clinux_nftables_event_kind {
  /// Something of the table was added, changed or removed, or the table itself.
  CLINUX_NFTABLES_TOUCHED = 1,
  /// A transaction is over: what was touched since the last one was its doing.
  CLINUX_NFTABLES_COMMITTED = 2,
};

/// One event. Process and program are of transactions that are over: 0 and empty where the kernel does not tell them.
struct clinux_nftables_event {
  int kind;
  uint32_t generation;
  /// The process that committed, as the first process namespace numbers it.
  uint32_t process;
  /// The program's name as the kernel keeps it, at most 15 bytes of whatever it chose.
  char program[16];
};

/// A socket that gets the events of the calling thread's network namespace, does not block, is closed on exec and has
/// room for about `bytes` of events.
int clinux_nftables_listen(int bytes);

/// Reads one datagram of events and calls `visit` for those of the table and for ends of transactions. 0, -EAGAIN
/// where none waits, or -ENOBUFS where events were lost; the socket goes on in either case.
int clinux_nftables_events(
    int socket, uint8_t family, const char *_Nonnull table,
    void (*_Nonnull visit)(const struct clinux_nftables_event *_Nonnull event, void *_Nullable context),
    void *_Nullable context);

/// Names the calling thread, at most 15 bytes of it, as its program's name in such events.
void clinux_name_thread(const char *_Nonnull name);

/// Blocks the signals in the calling thread and returns a descriptor to read them from, which does not block and is
/// closed on exec.
int clinux_signal_file(const int *_Nonnull signals, int count);
/// The next signal of such a descriptor, or -EAGAIN.
int clinux_next_signal(int descriptor);
#endif
