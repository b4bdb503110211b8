#define _GNU_SOURCE
#include "clinux_watch.h"

#ifdef __linux__
#include <endian.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

int clinux_nftables_listen(int bytes) {
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1u << (NFNLGRP_NFTABLES - 1)};
  int descriptor =
      socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);
  if (descriptor < 0) return -errno;
  // More than net.core.rmem_max allows, where that is permitted.
  if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  if (bind(descriptor, (struct sockaddr *)&address, sizeof address) < 0) {
    int failure = -errno;
    close(descriptor);
    return failure;
  }
  return descriptor;
}

/// The content of an attribute, and its length; NULL where the message has none of this type.
static const void *find(const struct nlmsghdr *message, uint16_t type, size_t *length) {
  const char *place = (const char *)message + NLMSG_SPACE(sizeof(struct nfgenmsg));
  const char *end = (const char *)message + message->nlmsg_len;
  while (place + NLA_HDRLEN <= end) {
    const struct nlattr *attribute = (const struct nlattr *)place;
    if (attribute->nla_len < NLA_HDRLEN || place + attribute->nla_len > end) return NULL;
    if ((attribute->nla_type & NLA_TYPE_MASK) == type) {
      *length = attribute->nla_len - NLA_HDRLEN;
      return place + NLA_HDRLEN;
    }
    place += NLA_ALIGN(attribute->nla_len);
  }
  return NULL;
}

static uint32_t number(const struct nlmsghdr *message, uint16_t type) {
  size_t length;
  uint32_t value;
  const void *found = find(message, type, &length);
  if (!found || length < sizeof value) return 0;
  memcpy(&value, found, sizeof value);
  return be32toh(value);
}

/// Whether a message is about a table or something in it: the table's name has the same number in all of them.
static int is_about(const struct nlmsghdr *message, uint8_t family, const char *table) {
  const struct nfgenmsg *body = NLMSG_DATA(message);
  size_t length, wanted = strlen(table) + 1;
  const char *name = find(message, NFTA_TABLE_NAME, &length);
  return body->nfgen_family == family && name && length == wanted && memcmp(name, table, wanted) == 0;
}

int clinux_nftables_events(
    int socket, uint8_t family, const char *table,
    void (*visit)(const struct clinux_nftables_event *event, void *context), void *context) {
  static _Thread_local char buffer[64 * 1024] __attribute__((aligned(8)));
  struct sockaddr_nl from = {0};
  struct iovec part = {.iov_base = buffer, .iov_len = sizeof buffer};
  struct msghdr datagram = {
      .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &part, .msg_iovlen = 1};
  ssize_t length;
  do length = recvmsg(socket, &datagram, 0);
  while (length < 0 && errno == EINTR);
  if (length < 0) return -errno;
  // Other processes may write to the socket too; the kernel's number is 0. What was cut off is as good as lost.
  if (from.nl_pid != 0) return 0;
  if (datagram.msg_flags & MSG_TRUNC) return -ENOBUFS;
  for (struct nlmsghdr *message = (struct nlmsghdr *)buffer; NLMSG_OK(message, length);
       message = NLMSG_NEXT(message, length)) {
    struct clinux_nftables_event event = {0};
    if (message->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES) continue;
    if (message->nlmsg_len < NLMSG_SPACE(sizeof(struct nfgenmsg))) continue;
    if ((message->nlmsg_type & 0xff) == NFT_MSG_NEWGEN) {
      size_t size;
      const char *program = find(message, NFTA_GEN_PROC_NAME, &size);
      event.kind = CLINUX_NFTABLES_COMMITTED;
      event.generation = number(message, NFTA_GEN_ID);
      event.process = number(message, NFTA_GEN_PROC_PID);
      if (program) memcpy(event.program, program, size < 15 ? size : 15);
    } else if (is_about(message, family, table)) {
      event.kind = CLINUX_NFTABLES_TOUCHED;
    } else {
      continue;
    }
    visit(&event, context);
  }
  return 0;
}

void clinux_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

int clinux_signal_file(const int *signals, int count) {
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
  if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0) return -EINVAL;
  int descriptor = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  return descriptor < 0 ? -errno : descriptor;
}

int clinux_next_signal(int descriptor) {
  struct signalfd_siginfo signal;
  ssize_t length;
  do length = read(descriptor, &signal, sizeof signal);
  while (length < 0 && errno == EINTR);
  if (length < 0) return -errno;
  return length == sizeof signal ? (int)signal.ssi_signo : -EBADMSG;
}
#endif
