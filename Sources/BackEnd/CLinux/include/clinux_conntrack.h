#pragma once

// The connections that the kernel tracks, and how to make it forget one.

#ifdef __linux__
#include <stddef.h>
#include <stdint.h>

/// A tracked connection. Numbers are in the machine's order, addresses in the network's.
struct clinux_flow {
  /// AF_INET or AF_INET6.
  uint8_t family;
  uint8_t protocol;
  /// Who sent the first packet.
  uint8_t source[16];
  /// Where the first packet was sent to, before any translation.
  uint8_t target[16];
  /// Who answers: the destination after translation.
  uint8_t destination[16];
  uint16_t sourcePort;
  uint16_t targetPort;
  uint16_t destinationPort;
  /// ICMP's type, code and identifier of the first packet.
  uint8_t icmpType;
  uint8_t icmpCode;
  uint16_t icmpIdentifier;
  /// IPS_ bits: 1 << 1 is set once packets were seen both ways.
  uint32_t status;
  uint32_t identifier;
};

/// Calls `visit` with each tracked connection of the calling thread's network namespace. 0 or a negative errno.
int clinux_visit_flows(
    void (*_Nonnull visit)(const struct clinux_flow *_Nonnull flow, void *_Nullable context),
    void *_Nullable context);

/// Makes the kernel forget a connection. 0, -ENOENT where it has gone already, or another negative errno.
int clinux_forget_flow(const struct clinux_flow *_Nonnull flow);
#endif
