#pragma once
#include <stdint.h>

/// Whether packets for an address go straight to it: 1 for a unicast route without a gateway on an interface that is
/// up and not the loopback, 0 for any other route or none, a negative errno where the kernel cannot be asked.
/// `version` is 4 or 6, `address` has 4 or 16 bytes.
int clinux_has_direct_route(int version, const uint8_t *address);

/// The interface to which the most specific route to an address leads: 1 with its name where `clinux_has_direct_route` is 1
/// and the route is no default route, 0 otherwise, a negative errno where the kernel cannot be asked. `name` has 16 bytes.
int clinux_route_interface(int version, const uint8_t *address, char *name);

/// The cookie of the calling thread's network namespace, which no other one has until the next boot. 0, or a negative
/// errno: -ENOPROTOOPT before Linux 5.14.
int clinux_namespace_cookie(uint64_t *cookie);
