#define _GNU_SOURCE
#include "clinux_route.h"

#ifdef __linux__
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

/// 1 where the interface is up and no loopback, 0 where it is not, or is gone.
static int is_up(int descriptor, int index) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  if (!if_indextoname(index, request.ifr_name)) return 0;
  if (ioctl(descriptor, SIOCGIFFLAGS, &request) != 0) return 0;
  return (request.ifr_flags & IFF_UP) != 0 && (request.ifr_flags & IFF_LOOPBACK) == 0;
}

/// Looks up a route; `flags` are those of the request. The results are those of `clinux_has_direct_route`, with the prefix
/// length that the kernel tells and the interface's index.
static int look_up(int version, const uint8_t *address, unsigned flags, int *prefix, int *interface) {
  struct {
    struct nlmsghdr header;
    struct rtmsg body;
    char attributes[64];
  } request;
  union {
    struct nlmsghdr header;
    char bytes[8192];
  } answer;
  size_t length = version == 4 ? 4 : 16;
  memset(&request, 0, sizeof request);
  request.header.nlmsg_len = NLMSG_LENGTH(sizeof request.body);
  request.header.nlmsg_type = RTM_GETROUTE;
  request.header.nlmsg_flags = NLM_F_REQUEST;
  request.body.rtm_family = version == 4 ? AF_INET : AF_INET6;
  request.body.rtm_dst_len = length * 8;
  request.body.rtm_flags = flags;
  struct rtattr *destination = (struct rtattr *)((char *)&request + NLMSG_ALIGN(request.header.nlmsg_len));
  destination->rta_type = RTA_DST;
  destination->rta_len = RTA_LENGTH(length);
  memcpy(RTA_DATA(destination), address, length);
  request.header.nlmsg_len = NLMSG_ALIGN(request.header.nlmsg_len) + RTA_ALIGN(destination->rta_len);
  int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (descriptor < 0) return -errno;
  struct timeval limit = {.tv_sec = 10};
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  int result = 0;
  ssize_t got = send(descriptor, &request, request.header.nlmsg_len, 0);
  if (got >= 0) got = recv(descriptor, &answer, sizeof answer, 0);
  if (got < 0) {
    result = -errno;
  } else if (!NLMSG_OK(&answer.header, got)) {
    result = -EBADMSG;
  } else if (answer.header.nlmsg_type == NLMSG_ERROR) {
    result = ((struct nlmsgerr *)NLMSG_DATA(&answer.header))->error;
    // No route at all, or one that forbids.
    if (result == -ENETUNREACH || result == -EHOSTUNREACH || result == -EACCES || result == -EINVAL) result = 0;
  } else if (answer.header.nlmsg_type == RTM_NEWROUTE) {
    struct rtmsg *body = NLMSG_DATA(&answer.header);
    int hasGateway = 0, index = 0;
    int size = RTM_PAYLOAD(&answer.header);
    for (struct rtattr *at = RTM_RTA(body); RTA_OK(at, size); at = RTA_NEXT(at, size)) {
      if (at->rta_type == RTA_GATEWAY || at->rta_type == RTA_VIA) hasGateway = 1;
      if (at->rta_type == RTA_OIF && RTA_PAYLOAD(at) >= sizeof index) memcpy(&index, RTA_DATA(at), sizeof index);
    }
    result = body->rtm_type == RTN_UNICAST && !hasGateway && index != 0 && is_up(descriptor, index);
    *prefix = body->rtm_dst_len;
    *interface = index;
  }
  close(descriptor);
  return result;
}

int clinux_has_direct_route(int version, const uint8_t *address) {
  int prefix = 0, interface = 0;
  return look_up(version, address, 0, &prefix, &interface);
}

int clinux_route_interface(int version, const uint8_t *address, char *name) {
  int prefix = 0, interface = 0;
  // Without this flag the kernel tells a route to the one address, whatever the length of the prefix that it found.
  int result = look_up(version, address, RTM_F_FIB_MATCH, &prefix, &interface);
  if (result != 1) return result;
  return prefix > 0 && if_indextoname(interface, name) ? 1 : 0;
}

int clinux_namespace_cookie(uint64_t *cookie) {
  int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  socklen_t length = sizeof *cookie;
  int result = getsockopt(descriptor, SOL_SOCKET, SO_NETNS_COOKIE, cookie, &length) == 0 ? 0 : -errno;
  close(descriptor);
  return result;
}
#endif
