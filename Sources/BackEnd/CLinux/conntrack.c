#define _GNU_SOURCE
#include "clinux_conntrack.h"

#ifdef __linux__
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

struct request {
  struct nlmsghdr header;
  struct nfgenmsg body;
  char attributes[512];
};

static void begin(struct request *request, uint8_t type, uint16_t flags, uint8_t family) {
  memset(request, 0, sizeof *request);
  request->header.nlmsg_len = NLMSG_LENGTH(sizeof request->body);
  request->header.nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | type;
  request->header.nlmsg_flags = NLM_F_REQUEST | flags;
  request->header.nlmsg_seq = 1;
  request->body.nfgen_family = family;
  request->body.version = NFNETLINK_V0;
}

/// Appends an attribute. The requests made here are far smaller than their room.
static struct nlattr *put(struct request *request, uint16_t type, const void *bytes, size_t length) {
  struct nlattr *attribute = (struct nlattr *)((char *)request + NLMSG_ALIGN(request->header.nlmsg_len));
  attribute->nla_type = type;
  attribute->nla_len = NLA_HDRLEN + length;
  if (length) memcpy((char *)attribute + NLA_HDRLEN, bytes, length);
  request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + NLA_HDRLEN + NLA_ALIGN(length);
  return attribute;
}

static struct nlattr *open_nest(struct request *request, uint16_t type) {
  return put(request, type | NLA_F_NESTED, NULL, 0);
}

static void close_nest(struct request *request, struct nlattr *nest) {
  nest->nla_len = (char *)request + request->header.nlmsg_len - (char *)nest;
}

static int open_socket(void) {
  struct timeval limit = {.tv_sec = 10};
  int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (descriptor < 0) return -errno;
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  return descriptor;
}

/// The attribute of a type in a stretch of attributes, with its content's length; NULL where there is none.
static const void *find(const char *start, size_t size, uint16_t type, size_t *length) {
  while (size >= NLA_HDRLEN) {
    const struct nlattr *attribute = (const struct nlattr *)start;
    if (attribute->nla_len < NLA_HDRLEN || attribute->nla_len > size) return NULL;
    if ((attribute->nla_type & NLA_TYPE_MASK) == type) {
      *length = attribute->nla_len - NLA_HDRLEN;
      return start + NLA_HDRLEN;
    }
    size_t step = NLA_ALIGN(attribute->nla_len);
    if (step > size) return NULL;
    start += step;
    size -= step;
  }
  return NULL;
}

static uint16_t find16(const char *start, size_t size, uint16_t type) {
  size_t length;
  uint16_t value;
  const void *found = find(start, size, type, &length);
  if (!found || length < sizeof value) return 0;
  memcpy(&value, found, sizeof value);
  return ntohs(value);
}

static uint8_t find8(const char *start, size_t size, uint16_t type) {
  size_t length;
  const uint8_t *found = find(start, size, type, &length);
  return found && length > 0 ? *found : 0;
}

static uint32_t find32(const char *start, size_t size, uint16_t type) {
  size_t length;
  uint32_t value;
  const void *found = find(start, size, type, &length);
  if (!found || length < sizeof value) return 0;
  memcpy(&value, found, sizeof value);
  return ntohl(value);
}

static void find_address(const char *start, size_t size, uint16_t type, uint8_t *address) {
  size_t length;
  const void *found = find(start, size, type, &length);
  if (found) memcpy(address, found, length < 16 ? length : 16);
}

/// Reads one message. 0 where it is no connection of IPv4 or IPv6.
static int read_flow(const struct nlmsghdr *message, struct clinux_flow *flow) {
  const struct nfgenmsg *body = NLMSG_DATA(message);
  const char *start = (const char *)message + NLMSG_SPACE(sizeof *body);
  size_t size = message->nlmsg_len - NLMSG_SPACE(sizeof *body), tuple, inner;
  memset(flow, 0, sizeof *flow);
  flow->family = body->nfgen_family;
  int isIPv6 = flow->family == AF_INET6;
  if (flow->family != AF_INET && !isIPv6) return 0;
  const char *original = find(start, size, CTA_TUPLE_ORIG, &tuple);
  if (!original) return 0;
  const char *ip = find(original, tuple, CTA_TUPLE_IP, &inner);
  if (!ip) return 0;
  find_address(ip, inner, isIPv6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC, flow->source);
  find_address(ip, inner, isIPv6 ? CTA_IP_V6_DST : CTA_IP_V4_DST, flow->target);
  const char *proto = find(original, tuple, CTA_TUPLE_PROTO, &inner);
  if (!proto) return 0;
  flow->protocol = find8(proto, inner, CTA_PROTO_NUM);
  flow->sourcePort = find16(proto, inner, CTA_PROTO_SRC_PORT);
  flow->targetPort = find16(proto, inner, CTA_PROTO_DST_PORT);
  flow->icmpType = find8(proto, inner, isIPv6 ? CTA_PROTO_ICMPV6_TYPE : CTA_PROTO_ICMP_TYPE);
  flow->icmpCode = find8(proto, inner, isIPv6 ? CTA_PROTO_ICMPV6_CODE : CTA_PROTO_ICMP_CODE);
  flow->icmpIdentifier = find16(proto, inner, isIPv6 ? CTA_PROTO_ICMPV6_ID : CTA_PROTO_ICMP_ID);
  const char *reply = find(start, size, CTA_TUPLE_REPLY, &tuple);
  if (!reply || !(ip = find(reply, tuple, CTA_TUPLE_IP, &inner))) return 0;
  find_address(ip, inner, isIPv6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC, flow->destination);
  if ((proto = find(reply, tuple, CTA_TUPLE_PROTO, &inner)))
    flow->destinationPort = find16(proto, inner, CTA_PROTO_SRC_PORT);
  flow->status = find32(start, size, CTA_STATUS);
  flow->identifier = find32(start, size, CTA_ID);
  return 1;
}

int clinux_visit_flows(void (*visit)(const struct clinux_flow *, void *), void *context) {
  static _Thread_local char buffer[64 * 1024] __attribute__((aligned(8)));
  struct request request;
  begin(&request, IPCTNL_MSG_CT_GET, NLM_F_DUMP, AF_UNSPEC);
  int descriptor = open_socket();
  if (descriptor < 0) return descriptor;
  int result = send(descriptor, &request, request.header.nlmsg_len, 0) < 0 ? -errno : 1;
  while (result > 0) {
    ssize_t length = recv(descriptor, buffer, sizeof buffer, 0);
    if (length < 0) {
      if (errno != EINTR) result = -errno;
      continue;
    }
    struct nlmsghdr *message = (struct nlmsghdr *)buffer;
    for (; result > 0 && NLMSG_OK(message, length); message = NLMSG_NEXT(message, length)) {
      struct clinux_flow flow;
      if (message->nlmsg_type == NLMSG_DONE)
        result = 0;
      else if (message->nlmsg_type == NLMSG_ERROR)
        result = ((struct nlmsgerr *)NLMSG_DATA(message))->error;
      else if (message->nlmsg_len >= NLMSG_SPACE(sizeof(struct nfgenmsg)) && read_flow(message, &flow))
        visit(&flow, context);
    }
  }
  close(descriptor);
  return result;
}

int clinux_forget_flow(const struct clinux_flow *flow) {
  struct request request;
  union {
    struct nlmsghdr header;
    char bytes[4096];
  } answer;
  int isIPv6 = flow->family == AF_INET6;
  size_t length = isIPv6 ? 16 : 4;
  uint16_t sourcePort = htons(flow->sourcePort), targetPort = htons(flow->targetPort);
  uint16_t icmpIdentifier = htons(flow->icmpIdentifier);
  uint32_t identifier = htonl(flow->identifier);
  begin(&request, IPCTNL_MSG_CT_DELETE, NLM_F_ACK, flow->family);
  struct nlattr *tuple = open_nest(&request, CTA_TUPLE_ORIG);
  struct nlattr *ip = open_nest(&request, CTA_TUPLE_IP);
  put(&request, isIPv6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC, flow->source, length);
  put(&request, isIPv6 ? CTA_IP_V6_DST : CTA_IP_V4_DST, flow->target, length);
  close_nest(&request, ip);
  struct nlattr *proto = open_nest(&request, CTA_TUPLE_PROTO);
  put(&request, CTA_PROTO_NUM, &flow->protocol, 1);
  if (flow->protocol == IPPROTO_ICMP || flow->protocol == IPPROTO_ICMPV6) {
    put(&request, isIPv6 ? CTA_PROTO_ICMPV6_ID : CTA_PROTO_ICMP_ID, &icmpIdentifier, 2);
    put(&request, isIPv6 ? CTA_PROTO_ICMPV6_TYPE : CTA_PROTO_ICMP_TYPE, &flow->icmpType, 1);
    put(&request, isIPv6 ? CTA_PROTO_ICMPV6_CODE : CTA_PROTO_ICMP_CODE, &flow->icmpCode, 1);
  } else {
    put(&request, CTA_PROTO_SRC_PORT, &sourcePort, 2);
    put(&request, CTA_PROTO_DST_PORT, &targetPort, 2);
  }
  close_nest(&request, proto);
  close_nest(&request, tuple);
  // Another connection of the same ends may have come meanwhile; that one stays.
  put(&request, CTA_ID, &identifier, 4);
  int descriptor = open_socket();
  if (descriptor < 0) return descriptor;
  int result = 0;
  ssize_t got = send(descriptor, &request, request.header.nlmsg_len, 0);
  if (got >= 0) got = recv(descriptor, &answer, sizeof answer, 0);
  if (got < 0)
    result = -errno;
  else if (!NLMSG_OK(&answer.header, got) || answer.header.nlmsg_type != NLMSG_ERROR)
    result = -EBADMSG;
  else
    result = ((struct nlmsgerr *)NLMSG_DATA(&answer.header))->error;
  close(descriptor);
  return result;
}
#endif
