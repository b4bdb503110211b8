#pragma once

// What the kernel offers and Swift's Glibc does not: system calls without a wrapper, variadic functions and
// the few netlink messages that need no libnftables. Every function returns a negative errno on failure.

#ifdef __linux__
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// An anonymous file in memory, closed on exec. The name is for people who look into /proc.
int clinux_memfd(const char *_Nonnull name);

/// Returns when every packet that was in a packet filter at the call has left it: an RCU grace period. Where the
/// kernel or a sandbox refuses that, after a pause that is longer than a packet takes.
void clinux_await_packets(void);

/// Moves the calling thread into a new network namespace.
int clinux_unshare_network(void);
/// Moves the calling thread into the network namespace that `descriptor` refers to.
int clinux_enter_network(int descriptor);

/// Shuts the calling process, which has one thread, in: a new network namespace, no file system but one in memory with
/// `script` as /script and the machine's names of protocols and services, no capability but CAP_NET_ADMIN, limits of
/// memory and processor time. Without CAP_SYS_ADMIN within a user namespace of its own.
int clinux_confine(const void *_Nonnull script, size_t length);

/// Starts `path`, searched for like a command, with one or two arguments in a process group of its own, with an empty signal mask
/// and default signal actions. `descriptors[i]` becomes the child's descriptor i; -1 leaves the number closed;
/// everything above is closed. Returns the process id.
pid_t clinux_spawn(
    const char *_Nonnull path, const char *_Nonnull first, const char *_Nullable second, const int *_Nonnull descriptors, int count);

/// The arguments that the process was started with, and their number: those of the C library, which needs no /proc.
char *_Nullable *_Nullable clinux_arguments(int *_Nonnull count);

/// Starts a thread that ends the calling process `seconds` after the other end of the socket `control` was closed.
void clinux_end_after_host(int control, unsigned seconds);

/// The first of the signals that the calling thread holds back and that waits for it; 0 where none does. It is not taken.
int clinux_waiting_signal(void);

/// Asks the kernel for the generation of nf_tables in the caller's network namespace, which needs what every
/// nf_tables request needs. 0, -EPERM without CAP_NET_ADMIN there, or another errno where nf_tables is missing.
int clinux_nftables_probe(void);

/// Forgets every tracked connection of the calling thread's network namespace.
int clinux_flush_conntrack(void);

/// Takes CAP_NET_ADMIN out of the bounding, inheritable and ambient sets of the calling thread, for programs
/// that it starts.
int clinux_drop_net_admin(void);

/// From now on the calling thread, and programs that it starts, find a kernel without netfilter's netlink, as
/// one without nf_tables. For trials of that case.
int clinux_hide_netfilter(void);

/// Binds the calling thread to the CPU it runs on.
int clinux_pin_to_current_cpu(void);

/// A packet socket (ETH_P_ALL, from the network header on) on every interface of the calling thread's network
/// namespace, with room for `bytes` of packets.
int clinux_packet_socket(int bytes);
/// The next packet that `descriptor` received. Outgoing ones are skipped. Returns its length, or -EAGAIN.
ssize_t clinux_next_packet(int descriptor, void *_Nonnull buffer, size_t capacity);
/// How many packets `descriptor` lost since the last call.
int clinux_packets_lost(int descriptor);

/// Whether the interface `name` of the calling thread's network namespace is a bridge. 0 or 1.
int clinux_is_bridge(const char *_Nonnull name);

/// From now on large blocks of memory go back to the system when they are freed, and threads share two arenas.
void clinux_keep_memory_small(void);
/// Gives free memory back to the system.
void clinux_return_memory(void);
#endif
