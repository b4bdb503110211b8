# A node's container runtime, as far as the network goes: source it in bash, in the network namespace that is the node.
#
#   start NAME ADDRESS UID COMMAND   makes the sandbox, runs each plugin of the conflist, then the pod's first process
#   stop NAME ADDRESS UID            runs the plugins for DEL in the opposite order, and removes the sandbox
#   in_pod NAME COMMAND...           runs a command in the pod
#
# Needs: prefix (of the names of network namespaces), bin and conf (directories of plugins and of the conflist), socket (the
# agent's). The plugin `wire`, which gives the pod its address, is a function here; all others are programs in bin.
ip link set lo up
sysctl -qw net.ipv4.ip_forward=1
# Both ends of a link have one address, and nobody asks for it: nothing is on the wire but what is sent.
link="arp off address 02:00:00:00:00:01"

wire() {
  ip netns add "$prefix$2" &&
    ip link add "v-$2" type veth peer name eth0 netns "$prefix$2" &&
    ip link set "v-$2" $link up && ip route add "$3/32" dev "v-$2" &&
    ip -n "$prefix$2" link set lo up && ip -n "$prefix$2" link set eth0 $link up &&
    ip -n "$prefix$2" address add "$3/32" dev eth0 && ip -n "$prefix$2" route add default dev eth0
}

# The kernel removes a namespace later; its interface must be gone at once, since the address is given to another pod.
unwire() {
  ip link del "v-$1"
  ip netns del "$prefix$1"
}

# plugins VERB NAME ADDRESS UID TYPE...
plugins() {
  verb=$1 name=$2 address=$3 uid=$4
  shift 4
  for type in "$@"; do
    case $type,$verb in
      wire,ADD) wire "$verb" "$name" "$address" || return 1 ;;
      wire,DEL) unwire "$name" ;;
      *)
        printf '{"cniVersion":"1.0.0","name":"net","type":"%s","socket":"%s","prevResult":%s}' "$type" "$socket" \
          '{"cniVersion":"1.0.0","ips":[{"address":"'"$address"'/32"}]}' |
          CNI_COMMAND=$verb CNI_CONTAINERID="$prefix$name" CNI_IFNAME=eth0 CNI_NETNS="/run/netns/$prefix$name" \
            CNI_PATH="$bin" CNI_ARGS="K8S_POD_NAMESPACE=default;K8S_POD_NAME=$name;K8S_POD_UID=$uid" \
            "$bin/$type" || return 1
        ;;
    esac
  done
}

# Each on a line, also where the file does not end with one.
types() { sed 's/"type"/\n&/g' "$conf"/*.conflist | awk 1 | sed -n 's/^"type": *"\([^"]*\)".*/\1/p'; }

in_pod() { ip netns exec "$prefix$1" "${@:2}"; }

start() { plugins ADD "$1" "$2" "$3" $(types) && in_pod "$1" bash -c "$4"; }

stop() { plugins DEL "$1" "$2" "$3" $(types | tac); }

# Counts what arrives at a pod at UDP port 53: datagrams of 10 bytes as `allowed`, of 20 bytes as `denied`.
count_at() {
  in_pod "$1" nft -f - <<'COUNT'
table ip seen {
  counter allowed { }
  counter denied { }
  chain input {
    type filter hook input priority -400; policy accept;
    udp dport 53 udp length 18 counter name allowed
    udp dport 53 udp length 28 counter name denied
  }
}
COUNT
}

# counted NAME: `ALLOWED DENIED`
counted() { in_pod "$1" nft list counters | awk '/packets/ { printf "%s ", $2 } END { print "" }'; }
