#pragma once

// Questions about one nf_tables table that are answered without fetching its content, which libnftables always
// does. Every function works in the network namespace of the calling thread and returns a negative errno on
// failure; -ENOENT means that there is no such object.

#ifdef __linux__
#include <stddef.h>
#include <stdint.h>

/// A socket for questions, in the network namespace of the calling thread.
int clinux_nftables_open(void);

/// All questions of the calling thread go through this socket until -1 is given. Without it each question opens a socket
/// and closes it, and the kernel does not let a socket of nf_tables go before it has freed what the last transaction
/// deleted: some ten milliseconds.
void clinux_nftables_hold(int descriptor);

/// Sends a batch of messages, from its beginning to its end, each between them asking for an acknowledgement, and waits for these.
/// Sequence numbers are filled in. 0: committed; 1: the answers were not understood, so that it may be committed or not; below 0:
/// refused as a whole, with the first errno.
int clinux_nftables_commit(int descriptor, void *_Nonnull batch, size_t length);

/// The number that nf_tables counts up with each transaction of the network namespace, whoever commits it.
int clinux_nftables_generation(uint32_t *_Nonnull generation);

/// The handle that the kernel gave to a table: another one after the table was deleted and made again.
int clinux_nftables_table(uint8_t family, const char *_Nonnull table, uint64_t *_Nonnull handle);

/// Whether a table has a chain of this name: 0, or -ENOENT.
int clinux_nftables_chain(uint8_t family, const char *_Nonnull table, const char *_Nonnull chain);

/// One number for the shape of a table: names, handles and use counts of its chains, names, handles and (where
/// the kernel tells it) sizes of its sets, handles of its rules. It does not depend on their order. Elements are
/// not fetched. -EINTR when someone changed something meanwhile.
int clinux_nftables_shape(uint8_t family, const char *_Nonnull table, uint64_t *_Nonnull shape);

/// A base chain as the kernel describes it. Names are cut at 255 bytes and end with a zero.
struct clinux_base_chain {
  /// The table's family: AF_INET, AF_INET6, AF_BRIDGE, NFPROTO_INET (1) or NFPROTO_NETDEV (5).
  uint8_t family;
  /// The number of the hook in its family; inet ingress is 5.
  uint32_t hook;
  int32_t priority;
  /// Whether packets that no rule decides about are dropped.
  int drops;
  /// The number of its rules and of jumps to it.
  uint32_t use;
  char table[256];
  char name[256];
  /// `filter`, `nat` or `route`.
  char type[32];
};

/// Calls `visit` for each base chain of the network namespace, of any table. -EINTR when someone changed something
/// meanwhile: some chains may then be missing, or visited twice.
int clinux_nftables_base_chains(
    void (*_Nonnull visit)(const struct clinux_base_chain *_Nonnull, void *_Nonnull), void *_Nonnull context);

/// A flowtable as the kernel describes it. Names are cut at 255 bytes and end with a zero.
struct clinux_flowtable {
  /// The table's family, as of a base chain.
  uint8_t family;
  char table[256];
  char name[256];
};

/// Calls `visit` for each flowtable of the network namespace, of any table. -EINTR when someone changed something meanwhile.
int clinux_nftables_flowtables(
    void (*_Nonnull visit)(const struct clinux_flowtable *_Nonnull, void *_Nonnull), void *_Nonnull context);

/// The same for one message of the kernel's answer, for kernels that have no flowtables to answer with. -EBADMSG where it is cut.
int clinux_nftables_flowtable_in(
    const void *_Nonnull message, size_t size,
    void (*_Nonnull visit)(const struct clinux_flowtable *_Nonnull, void *_Nonnull), void *_Nonnull context);
#endif
