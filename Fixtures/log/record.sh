#!/bin/bash
# Records what the kernel and ulogd write about denied packets: record.sh FOLDER, as root, with `netpolc`, `ip`, `ulogd`,
# `python3` on the path. It works in namespaces of its own. The kernel logs from these only while
# net.netfilter.nf_log_all_netns is 1; without, only the nflog files are written.
set -eu
if [ -z "${IN_OWN_NAMESPACES:-}" ]; then
  KERNEL_LOG=$(sysctl -n net.netfilter.nf_log_all_netns) # is not to be seen from inside
  export KERNEL_LOG
  IN_OWN_NAMESPACES=1 exec unshare --net --mount --pid --fork --kill-child --mount-proc bash "$0" "$@"
fi
here=$(cd "$(dirname "$0")" && pwd)
to=$1
mount -t tmpfs tmpfs /run
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip link set lo up
link="arp off address 02:00:00:00:00:01"
pod() { # NAME NUMBER
  ip netns add "$1"
  ip link add "v-$1" type veth peer name eth0 netns "$1"
  ip link set "v-$1" $link
  ip -n "$1" link set eth0 $link
  ip netns exec "$1" sysctl -qw net.ipv6.conf.eth0.accept_dad=0
  ip link set "v-$1" up
  ip -n "$1" link set lo up
  ip -n "$1" link set eth0 up
  ip route add "10.244.1.$2/32" dev "v-$1"
  ip route add "fd00:10:244:1::$2/128" dev "v-$1"
  ip -n "$1" address add "10.244.1.$2/32" dev eth0
  ip -n "$1" address add "fd00:10:244:1::$2/128" dev eth0 nodad
  ip -n "$1" route add default dev eth0
  ip -n "$1" -6 route add default dev eth0
}
pod client 2; pod web 3; pod batch 4; pod gateway 5; pod ledger 6; pod stranger 9
sleep 1

# send NAME PROTOCOL ADDRESS PORT: one packet that asks for something, from source port 40000.
send() { ip netns exec "$1" python3 - "$2" "$3" "$4" <<'PY'
import socket, struct, sys
kind, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
family = socket.AF_INET6 if ":" in address else socket.AF_INET
if kind == "tcp":
    s = socket.socket(family, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setblocking(False)
    s.bind(("", 40000))
    s.connect_ex((address, port))
elif kind == "udp":
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.bind(("", 40000))
    s.sendto(b"?", (address, port))
elif kind == "sctp":  # an INIT, CRC32c and all
    def crc(data):
        c = 0xffffffff
        for byte in data:
            c ^= byte
            for _ in range(8): c = c >> 1 ^ (0x82f63b78 if c & 1 else 0)
        return c ^ 0xffffffff
    chunk = struct.pack("!BBHIIHHI", 1, 0, 20, 1, 65536, 1, 1, 1)
    head = struct.pack("!HHI", 40000, port, 0)
    packet = head + struct.pack("<I", crc(head + b"\0\0\0\0" + chunk)) + chunk
    s = socket.socket(family, socket.SOCK_RAW, 132)
    s.sendto(packet, (address, 0))
elif kind == "icmp":
    s = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_ICMPV6 if ":" in address else socket.IPPROTO_ICMP)
    if ":" in address: packet = struct.pack("!BBHHH", 128, 0, 0, 7, 1)
    else:
        packet = struct.pack("!BBHHH", 8, 0, 0, 7, 1)
        total = sum(struct.unpack("!4H", packet))
        packet = struct.pack("!BBHHH", 8, 0, ~(total + (total >> 16)) & 0xffff, 7, 1)
    s.sendto(packet, (address, 0))
PY
}
apply() { netpolc compile "$@" --inventory "$here/inventory.yaml" --node node-1 --apply --no-read-back \
  --log-denied --log-rate 1000/second 2>/run/said || { cat /run/said; exit 1; }; }
everything() {
  send client tcp 10.244.1.3 8080; send client tcp 10.244.1.3 8080; send client tcp fd00:10:244:1::3 8080
  send client udp 10.244.1.3 8080; send client sctp 10.244.1.3 9090; send client icmp 10.244.1.3 0
  send client icmp fd00:10:244:1::3 0
  send batch tcp 10.244.1.5 443; send batch udp fd00:10:244:1::2 123
  send client tcp 10.244.1.5 80; send ledger tcp 10.244.1.5 443
  send batch tcp 10.244.1.6 5432; send client tcp 10.244.1.6 5432; send client tcp fd00:10:244:1::6 5432
}
# A connection that policies allow at first: what its server says later is a reply that they deny.
reply() {
  sed 's/version: v2/version: v1/' "$here/policies.yaml" >/run/before.yaml
  apply /run/before.yaml --established recheck "$@"
  mkfifo /run/go /run/ready
  ip netns exec web python3 -c '
import socket
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("", 8080)); s.listen()
open("/run/ready", "w").write("x")
c = s.accept()[0]; open("/run/ready", "w").write("x"); open("/run/go").read(); c.send(b"late")
' &
  server=$!
  cat /run/ready >/dev/null
  ip netns exec client python3 -c '
import socket, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("", 40001))
s.connect(("10.244.1.3", 8080)); time.sleep(60)' &
  client=$!
  cat /run/ready >/dev/null
  apply "$here/policies.yaml" --established recheck "$@"
  echo >/run/go
  wait $server
  kill $client
  rm /run/go /run/ready
}
strangers() {
  apply "$here/policies.yaml" --unknown-pods deny "$@"
  send stranger tcp 10.244.1.2 80; send client udp fd00:10:244:1::9 53
}
if [ "$KERNEL_LOG" = 1 ]; then
  mark="netpolc-record $$ $(date +%s%N)"
  echo "$mark" >/dev/kmsg
  apply "$here/policies.yaml"; everything
  reply; strangers
  apply "$here/policies.yaml" --audit; send client tcp 10.244.1.3 8080
  sed 's/name: web,/name: gone,/' "$here/policies.yaml" >/run/other.yaml
  apply /run/other.yaml; send client tcp 10.244.1.3 8081
  sleep 0.2
  dmesg | sed "1,/$mark/d" | grep -E 'netpolc (deny|audit) ' >"$to/kernel.log"
fi
conf() {
  cat <<CONF
[global]
logfile="/run/ulogd.err"
loglevel=3
plugin="$1/ulogd_inppkt_NFLOG.so"
plugin="$1/ulogd_raw2packet_BASE.so"
plugin="$1/ulogd_filter_IFINDEX.so"
plugin="$1/ulogd_filter_IP2STR.so"
plugin="$1/ulogd_filter_PRINTPKT.so"
plugin="$1/ulogd_output_LOGEMU.so"
plugin="$1/ulogd_output_JSON.so"
stack=log1:NFLOG,base1:BASE,ifi1:IFINDEX,ip2str1:IP2STR,print1:PRINTPKT,emu1:LOGEMU
stack=log2:NFLOG,base1:BASE,ifi1:IFINDEX,ip2str1:IP2STR,json1:JSON
[log1]
group=7
[log2]
group=8
[emu1]
file="$to/ulogd.log"
sync=1
[json1]
file="$to/ulogd.jsonl"
sync=1
CONF
}
if command -v ulogd >/dev/null; then
  conf "$(dirname "$(find /usr/lib -name ulogd_inppkt_NFLOG.so | head -1)")" >/run/ulogd.conf
  ulogd -c /run/ulogd.conf &
  daemon=$!
  sleep 1
  for group in 7 8; do
    apply "$here/policies.yaml" --log-group $group; everything
    reply --log-group $group; strangers --log-group $group
  done
  sleep 1
  kill $daemon
fi
