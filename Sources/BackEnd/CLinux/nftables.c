#define _GNU_SOURCE
#include "clinux_nftables.h"

#ifdef __linux__
#include <endian.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/// The number of elements of a set, which kernels tell since 6.16 and older headers do not name.
#define SET_COUNT 20

struct request {
  struct nlmsghdr header;
  struct nfgenmsg body;
  char attributes[1024];
};

static void begin(struct request *request, uint8_t type, uint16_t flags, uint8_t family) {
  memset(request, 0, sizeof *request);
  request->header.nlmsg_len = NLMSG_LENGTH(sizeof request->body);
  request->header.nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | type;
  request->header.nlmsg_flags = NLM_F_REQUEST | flags;
  request->body.nfgen_family = family;
  request->body.version = NFNETLINK_V0;
}

static int add_text(struct request *request, uint16_t type, const char *text) {
  size_t length = strlen(text) + 1;
  size_t used = NLMSG_ALIGN(request->header.nlmsg_len);
  if (length > 512 || used + NLA_HDRLEN + NLA_ALIGN(length) > sizeof *request) return -ENAMETOOLONG;
  struct nlattr *attribute = (struct nlattr *)((char *)request + used);
  attribute->nla_type = type;
  attribute->nla_len = NLA_HDRLEN + length;
  memcpy((char *)attribute + NLA_HDRLEN, text, length);
  request->header.nlmsg_len = used + NLA_HDRLEN + NLA_ALIGN(length);
  return 0;
}

/// The socket of this thread's questions; -1: each question has one of its own.
static _Thread_local int held = -1;
static _Thread_local uint32_t sequence = 0;

/// Called for each answer; a result below 0 ends the exchange.
typedef int (*answer_handler)(const struct nlmsghdr *answer, void *context);

int clinux_nftables_open(void) {
  struct timeval limit = {.tv_sec = 10};
  int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (descriptor < 0) return -errno;
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  return descriptor;
}

void clinux_nftables_hold(int descriptor) { held = descriptor; }

/// Sends a request and hands each message of the answer to `handle`.
static int ask(struct request *request, answer_handler handle, void *context) {
  static _Thread_local char buffer[64 * 1024] __attribute__((aligned(8)));
  int isDump = (request->header.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
  int descriptor = held >= 0 ? held : clinux_nftables_open();
  if (descriptor < 0) return descriptor;
  int isInterrupted = 0;
  request->header.nlmsg_seq = ++sequence;
  int result = send(descriptor, request, request->header.nlmsg_len, 0) < 0 ? -errno : 1;
  while (result > 0) {
    ssize_t length = recv(descriptor, buffer, sizeof buffer, 0);
    if (length < 0) {
      if (errno != EINTR) result = -errno;
      continue;
    }
    struct nlmsghdr *answer = (struct nlmsghdr *)buffer;
    for (; result > 0 && NLMSG_OK(answer, length); answer = NLMSG_NEXT(answer, length)) {
      // What is left of an earlier question that failed.
      if (answer->nlmsg_seq != request->header.nlmsg_seq) continue;
      // To its end all the same: nothing may be left behind in a socket that stays.
      if (answer->nlmsg_flags & NLM_F_DUMP_INTR) isInterrupted = 1;
      if (answer->nlmsg_type == NLMSG_DONE) {
        result = 0;
      } else if (answer->nlmsg_type == NLMSG_ERROR) {
        result = ((struct nlmsgerr *)NLMSG_DATA(answer))->error;
      } else if (!isInterrupted) {
        int handled = handle(answer, context);
        result = handled < 0 ? handled : isDump;
      }
    }
  }
  if (descriptor != held) close(descriptor);
  return result == 0 && isInterrupted ? -EINTR : result;
}

int clinux_nftables_commit(int descriptor, void *batch, size_t length) {
  static _Thread_local char buffer[16 * 1024] __attribute__((aligned(8)));
  int left = -2;
  uint32_t first = sequence + 1;
  struct nlmsghdr *message = batch;
  for (ssize_t rest = length; NLMSG_OK(message, rest); message = NLMSG_NEXT(message, rest)) {
    message->nlmsg_seq = ++sequence;
    left++;
  }
  if (left < 1) return -EINVAL;
  uint32_t last = sequence;
  ssize_t sent = send(descriptor, batch, length, 0);
  if (sent < 0) return -errno;
  int refused = 0;
  while (left > 0) {
    ssize_t got = recv(descriptor, buffer, sizeof buffer, 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      return 1;
    }
    struct nlmsghdr *answer = (struct nlmsghdr *)buffer;
    for (; NLMSG_OK(answer, got); answer = NLMSG_NEXT(answer, got)) {
      // What is left of an earlier question that failed.
      if (answer->nlmsg_seq < first || answer->nlmsg_seq > last) continue;
      if (answer->nlmsg_type != NLMSG_ERROR) return 1;
      int error = ((struct nlmsgerr *)NLMSG_DATA(answer))->error;
      if (error != 0 && refused == 0) refused = error;
      // About the batch as a whole: nothing else comes.
      if (answer->nlmsg_seq == first || answer->nlmsg_seq == last) left = error != 0 ? 0 : left;
      else left--;
    }
  }
  return refused;
}

/// The next attribute of a message, or NULL.
static const struct nlattr *next_attribute(const struct nlmsghdr *message, const struct nlattr *before) {
  const char *start = (const char *)message + NLMSG_SPACE(sizeof(struct nfgenmsg));
  const char *end = (const char *)message + message->nlmsg_len;
  const char *place = before ? (const char *)before + NLA_ALIGN(before->nla_len) : start;
  if (place + NLA_HDRLEN > end) return NULL;
  const struct nlattr *attribute = (const struct nlattr *)place;
  if (attribute->nla_len < NLA_HDRLEN || place + attribute->nla_len > end) return NULL;
  return attribute;
}

static const void *content(const struct nlattr *attribute) { return (const char *)attribute + NLA_HDRLEN; }

static int take_generation(const struct nlmsghdr *answer, void *context) {
  for (const struct nlattr *at = next_attribute(answer, NULL); at; at = next_attribute(answer, at))
    if ((at->nla_type & NLA_TYPE_MASK) == NFTA_GEN_ID && at->nla_len >= NLA_HDRLEN + 4) {
      uint32_t value;
      memcpy(&value, content(at), sizeof value);
      *(uint32_t *)context = be32toh(value);
      return 0;
    }
  return -EBADMSG;
}

static int take_handle(const struct nlmsghdr *answer, void *context) {
  for (const struct nlattr *at = next_attribute(answer, NULL); at; at = next_attribute(answer, at))
    if ((at->nla_type & NLA_TYPE_MASK) == NFTA_TABLE_HANDLE && at->nla_len >= NLA_HDRLEN + 8) {
      uint64_t value;
      memcpy(&value, content(at), sizeof value);
      *(uint64_t *)context = be64toh(value);
      return 0;
    }
  return -EBADMSG;
}

static int take_nothing(const struct nlmsghdr *answer, void *context) {
  (void)answer, (void)context;
  return 0;
}

struct shape {
  /// Which attributes count, as bits.
  uint64_t wanted;
  /// The attribute that names the object's table.
  uint16_t tableAttribute;
  const char *table;
  uint64_t sum;
};

/// Adds one object: FNV-1a of its wanted attributes, summed so that order does not matter.
static int take_shape(const struct nlmsghdr *answer, void *context) {
  struct shape *shape = context;
  uint64_t hash = 0xcbf29ce484222325 ^ answer->nlmsg_type;
  for (const struct nlattr *at = next_attribute(answer, NULL); at; at = next_attribute(answer, at)) {
    uint16_t type = at->nla_type & NLA_TYPE_MASK;
    size_t length = at->nla_len - NLA_HDRLEN;
    const unsigned char *bytes = content(at);
    // Some dumps are of all tables, whatever the request says.
    if (type == shape->tableAttribute && (length == 0 || strncmp((const char *)bytes, shape->table, length)))
      return 0;
    if (type >= 64 || !(shape->wanted >> type & 1)) continue;
    hash = (hash ^ type) * 0x100000001b3;
    for (size_t i = 0; i < length; i++) hash = (hash ^ bytes[i]) * 0x100000001b3;
  }
  shape->sum += hash;
  return 0;
}

int clinux_nftables_generation(uint32_t *generation) {
  struct request request;
  begin(&request, NFT_MSG_GETGEN, 0, AF_UNSPEC);
  return ask(&request, take_generation, generation);
}

int clinux_nftables_table(uint8_t family, const char *table, uint64_t *handle) {
  struct request request;
  begin(&request, NFT_MSG_GETTABLE, 0, family);
  int result = add_text(&request, NFTA_TABLE_NAME, table);
  return result < 0 ? result : ask(&request, take_handle, handle);
}

int clinux_nftables_chain(uint8_t family, const char *table, const char *chain) {
  struct request request;
  begin(&request, NFT_MSG_GETCHAIN, 0, family);
  int result = add_text(&request, NFTA_CHAIN_TABLE, table);
  if (result == 0) result = add_text(&request, NFTA_CHAIN_NAME, chain);
  return result < 0 ? result : ask(&request, take_nothing, NULL);
}

int clinux_nftables_shape(uint8_t family, const char *table, uint64_t *shape) {
  static const struct {
    uint8_t type;
    uint16_t tableAttribute;
    uint64_t wanted;
  } kinds[] = {
      {NFT_MSG_GETCHAIN, NFTA_CHAIN_TABLE,
       1ull << NFTA_CHAIN_NAME | 1ull << NFTA_CHAIN_HANDLE | 1ull << NFTA_CHAIN_USE | 1ull << NFTA_CHAIN_POLICY},
      {NFT_MSG_GETSET, NFTA_SET_TABLE,
       1ull << NFTA_SET_NAME | 1ull << NFTA_SET_HANDLE | 1ull << NFTA_SET_FLAGS | 1ull << SET_COUNT},
      {NFT_MSG_GETRULE, NFTA_RULE_TABLE,
       1ull << NFTA_RULE_CHAIN | 1ull << NFTA_RULE_HANDLE | 1ull << NFTA_RULE_POSITION},
  };
  uint64_t sum = 0;
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    struct request request;
    struct shape found = {kinds[i].wanted, kinds[i].tableAttribute, table, 0};
    begin(&request, kinds[i].type, NLM_F_DUMP, family);
    // The table's name has the same attribute number in all three requests.
    int result = add_text(&request, kinds[i].tableAttribute, table);
    if (result == 0) result = ask(&request, take_shape, &found);
    if (result < 0) return result;
    sum = sum * 31 + found.sum;
  }
  *shape = sum;
  return 0;
}

struct chain_visit {
  void (*visit)(const struct clinux_base_chain *, void *);
  void *context;
};

static uint32_t number_in(const struct nlattr *attribute) {
  uint32_t value = 0;
  if (attribute->nla_len >= NLA_HDRLEN + 4) memcpy(&value, content(attribute), sizeof value);
  return be32toh(value);
}

static void text_in(const struct nlattr *attribute, char *text, size_t room) {
  size_t length = attribute->nla_len - NLA_HDRLEN;
  if (length >= room) length = room - 1;
  memcpy(text, content(attribute), length);
  text[length] = 0;
}

static int take_base_chain(const struct nlmsghdr *answer, void *context) {
  struct chain_visit *visit = context;
  struct clinux_base_chain chain;
  int isBase = 0;
  memset(&chain, 0, sizeof chain);
  chain.family = ((const struct nfgenmsg *)NLMSG_DATA(answer))->nfgen_family;
  for (const struct nlattr *at = next_attribute(answer, NULL); at; at = next_attribute(answer, at)) {
    switch (at->nla_type & NLA_TYPE_MASK) {
    case NFTA_CHAIN_TABLE: text_in(at, chain.table, sizeof chain.table); break;
    case NFTA_CHAIN_NAME: text_in(at, chain.name, sizeof chain.name); break;
    case NFTA_CHAIN_TYPE: text_in(at, chain.type, sizeof chain.type); break;
    case NFTA_CHAIN_POLICY: chain.drops = number_in(at) == 0; break;
    case NFTA_CHAIN_USE: chain.use = number_in(at); break;
    case NFTA_CHAIN_HOOK: {
      const char *place = content(at), *end = (const char *)at + at->nla_len;
      while (place + NLA_HDRLEN <= end) {
        const struct nlattr *inner = (const struct nlattr *)place;
        if (inner->nla_len < NLA_HDRLEN || place + inner->nla_len > end) break;
        uint16_t type = inner->nla_type & NLA_TYPE_MASK;
        if (type == NFTA_HOOK_HOOKNUM) chain.hook = number_in(inner), isBase = 1;
        if (type == NFTA_HOOK_PRIORITY) chain.priority = (int32_t)number_in(inner);
        place += NLA_ALIGN(inner->nla_len);
      }
      break;
    }
    default: break;
    }
  }
  if (isBase) visit->visit(&chain, visit->context);
  return 0;
}

struct flowtable_visit {
  void (*visit)(const struct clinux_flowtable *, void *);
  void *context;
};

static int take_flowtable(const struct nlmsghdr *answer, void *context) {
  struct flowtable_visit *visit = context;
  struct clinux_flowtable flowtable;
  memset(&flowtable, 0, sizeof flowtable);
  flowtable.family = ((const struct nfgenmsg *)NLMSG_DATA(answer))->nfgen_family;
  for (const struct nlattr *at = next_attribute(answer, NULL); at; at = next_attribute(answer, at)) {
    switch (at->nla_type & NLA_TYPE_MASK) {
    case NFTA_FLOWTABLE_TABLE: text_in(at, flowtable.table, sizeof flowtable.table); break;
    case NFTA_FLOWTABLE_NAME: text_in(at, flowtable.name, sizeof flowtable.name); break;
    default: break;
    }
  }
  if (flowtable.name[0]) visit->visit(&flowtable, visit->context);
  return 0;
}

int clinux_nftables_flowtable_in(
    const void *message, size_t size, void (*visit)(const struct clinux_flowtable *, void *), void *context) {
  const struct nlmsghdr *answer = message;
  if (size < NLMSG_LENGTH(sizeof(struct nfgenmsg)) || answer->nlmsg_len > size) return -EBADMSG;
  struct flowtable_visit flowtables = {visit, context};
  return take_flowtable(answer, &flowtables);
}

int clinux_nftables_flowtables(void (*visit)(const struct clinux_flowtable *, void *), void *context) {
  struct request request;
  struct flowtable_visit flowtables = {visit, context};
  begin(&request, NFT_MSG_GETFLOWTABLE, NLM_F_DUMP, AF_UNSPEC);
  return ask(&request, take_flowtable, &flowtables);
}

int clinux_nftables_base_chains(
    void (*visit)(const struct clinux_base_chain *, void *), void *context) {
  struct request request;
  struct chain_visit chains = {visit, context};
  begin(&request, NFT_MSG_GETCHAIN, NLM_F_DUMP, AF_UNSPEC);
  return ask(&request, take_base_chain, &chains);
}
#endif
