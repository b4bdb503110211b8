#define _GNU_SOURCE
#include "clinux.h"

#ifdef __linux__
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/membarrier.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <spawn.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

int clinux_memfd(const char *name) {
  int descriptor = memfd_create(name, MFD_CLOEXEC);
  return descriptor < 0 ? -errno : descriptor;
}

void clinux_await_packets(void) {
  if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0) usleep(50 * 1000);
}

int clinux_unshare_network(void) { return unshare(CLONE_NEWNET) < 0 ? -errno : 0; }

int clinux_enter_network(int descriptor) { return setns(descriptor, CLONE_NEWNET) < 0 ? -errno : 0; }

static int put(const char *path, const void *bytes, size_t length) {
  int descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return -errno;
  const char *rest = bytes;
  while (length > 0) {
    ssize_t written = write(descriptor, rest, length);
    if (written < 0) {
      int failure = errno;
      close(descriptor);
      return -failure;
    }
    rest += written;
    length -= (size_t)written;
  }
  close(descriptor);
  return 0;
}

/// The beginning of a small file of the machine; its length is 0 where there is none.
static size_t get(const char *path, char *buffer, size_t room) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return 0;
  ssize_t length = read(descriptor, buffer, room);
  close(descriptor);
  return length > 0 ? (size_t)length : 0;
}

static int enter_namespaces(void) {
  char map[64];
  uid_t user = geteuid();
  gid_t group = getegid();
  if (unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWIPC) == 0) return 0;
  if (errno != EPERM) return -errno;
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWIPC) < 0) return -errno;
  // Absent on old kernels, where it need not be denied.
  put("/proc/self/setgroups", "deny", 4);
  int length = snprintf(map, sizeof map, "0 %u 1", user);
  int failure = put("/proc/self/uid_map", map, (size_t)length);
  if (failure) return failure;
  length = snprintf(map, sizeof map, "0 %u 1", group);
  return put("/proc/self/gid_map", map, (size_t)length);
}

int clinux_confine(const void *script, size_t length) {
  static char protocols[1 << 16], services[1 << 18];
  size_t protocols_length = get("/etc/protocols", protocols, sizeof protocols);
  size_t services_length = get("/etc/services", services, sizeof services);
  int failure = enter_namespaces();
  if (failure) return failure;
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) return -errno;
  if (mount("netpolc", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=700,size=1g") < 0) return -errno;
  if (mkdir("/tmp/etc", 0700) < 0) return -errno;
  if ((failure = put("/tmp/etc/protocols", protocols, protocols_length))) return failure;
  if ((failure = put("/tmp/etc/services", services, services_length))) return failure;
  if ((failure = put("/tmp/script", script, length))) return failure;
  if (chroot("/tmp") < 0 || chdir("/") < 0) return -errno;
  struct rlimit memory = {4ull << 30, 4ull << 30}, seconds = {60, 60}, none = {0, 0};
  if (setrlimit(RLIMIT_AS, &memory) < 0 || setrlimit(RLIMIT_CPU, &seconds) < 0 || setrlimit(RLIMIT_CORE, &none) < 0)
    return -errno;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -errno;
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2] = {{1u << CAP_NET_ADMIN, 1u << CAP_NET_ADMIN, 0}, {0, 0, 0}};
  return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

extern char **environ;

pid_t clinux_spawn(
    const char *path, const char *first, const char *second, const int *descriptors, int count) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int raised[16];
  int failure = count <= 16 ? 0 : EINVAL;
  pid_t child = -1;
  if (failure) return -failure;
  for (int i = 0; i < count; i++) raised[i] = -1;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);

  // Numbers above the targets first, so that no dup2 overwrites a source that is still to come.
  for (int i = 0; i < count && !failure; i++) {
    if (descriptors[i] < 0) {
      continue;
    }
    raised[i] = fcntl(descriptors[i], F_DUPFD_CLOEXEC, 64);
    if (raised[i] < 0)
      failure = errno;
    else
      failure = posix_spawn_file_actions_adddup2(&actions, raised[i], i);
  }
  // A close of a descriptor that is not open is no error here.
  for (int i = 0; i < count && !failure; i++)
    if (descriptors[i] < 0) failure = posix_spawn_file_actions_addclose(&actions, i);
  if (!failure) failure = posix_spawn_file_actions_addclosefrom_np(&actions, count);

  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(
      &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);

  char *arguments[] = {(char *)path, (char *)first, (char *)second, NULL};
  if (!failure) failure = posix_spawnp(&child, path, &actions, &attributes, arguments, environ);

  for (int i = 0; i < count; i++)
    if (raised[i] >= 0) close(raised[i]);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return failure ? -failure : child;
}

/// Sends one nfnetlink request and waits for its acknowledgement or first answer.
static int nfnetlink_request(uint16_t type, uint16_t flags) {
  struct {
    struct nlmsghdr header;
    struct nfgenmsg body;
  } request = {
      .header = {
          .nlmsg_len = sizeof request,
          .nlmsg_type = type,
          .nlmsg_flags = NLM_F_REQUEST | flags,
          .nlmsg_seq = 1,
      },
      .body = {.nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0},
  };
  union {
    struct nlmsghdr header;
    char bytes[4096];
  } answer;
  struct timeval limit = {.tv_sec = 10};
  int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (descriptor < 0) return -errno;
  int result = 0;
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ssize_t length = send(descriptor, &request, sizeof request, 0);
  if (length >= 0) length = recv(descriptor, &answer, sizeof answer, 0);
  if (length < 0)
    result = -errno;
  else if (!NLMSG_OK(&answer.header, length))
    result = -EBADMSG;
  else if (answer.header.nlmsg_type == NLMSG_ERROR)
    result = ((struct nlmsgerr *)NLMSG_DATA(&answer.header))->error;
  close(descriptor);
  return result;
}

int clinux_nftables_probe(void) {
  return nfnetlink_request(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN, 0);
}

int clinux_flush_conntrack(void) {
  return nfnetlink_request(NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE, NLM_F_ACK);
}

int clinux_drop_net_admin(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2];
  if (prctl(PR_CAPBSET_DROP, CAP_NET_ADMIN, 0, 0, 0) < 0) return -errno;
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, CAP_NET_ADMIN, 0, 0);
  if (syscall(SYS_capget, &header, data) < 0) return -errno;
  for (int i = 0; i < 2; i++) {
    uint32_t mask = CAP_TO_INDEX(CAP_NET_ADMIN) == i ? CAP_TO_MASK(CAP_NET_ADMIN) : 0;
    data[i].effective &= ~mask;
    data[i].permitted &= ~mask;
    data[i].inheritable &= ~mask;
  }
  return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

int clinux_hide_netfilter(void) {
  // socket(AF_NETLINK, …, NETLINK_NETFILTER) is refused; arguments are read as little-endian words.
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 5),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NETLINK_NETFILTER, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPROTONOSUPPORT),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -errno;
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0 ? -errno : 0;
}

int clinux_pin_to_current_cpu(void) {
  cpu_set_t set;
  int cpu = sched_getcpu();
  if (cpu < 0) return -errno;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  return sched_setaffinity(0, sizeof set, &set) < 0 ? -errno : 0;
}

int clinux_packet_socket(int bytes) {
  int descriptor = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
  int on = 1;
  if (descriptor < 0) return -errno;
  setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
  setsockopt(descriptor, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
  return descriptor;
}

ssize_t clinux_next_packet(int descriptor, void *buffer, size_t capacity) {
  struct sockaddr_ll from;
  for (;;) {
    socklen_t size = sizeof from;
    ssize_t length = recvfrom(descriptor, buffer, capacity, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return -errno;
    if (from.sll_pkttype != PACKET_OUTGOING) return length;
  }
}

int clinux_packets_lost(int descriptor) {
  struct tpacket_stats statistics;
  socklen_t size = sizeof statistics;
  if (getsockopt(descriptor, SOL_PACKET, PACKET_STATISTICS, &statistics, &size) < 0) return -errno;
  return (int)statistics.tp_drops;
}

int clinux_is_bridge(const char *name) {
  // Asked of the driver through a socket: /sys shows the namespace that mounted it, not the caller's.
  struct ethtool_drvinfo driver = {.cmd = ETHTOOL_GDRVINFO};
  struct ifreq request = {.ifr_data = (void *)&driver};
  int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  int result = ioctl(descriptor, SIOCETHTOOL, &request) < 0 ? 0 : strcmp(driver.driver, "bridge") == 0;
  close(descriptor);
  return result;
}
#endif
