# A node with some of the inventory's pods, in network namespaces: source it in bash, as root. It may be sourced again: the
# lab of before goes.
#
#   pod NAME ADDRESS                     adds a pod behind a pair of virtual interfaces
#   try NAME ADDRESS PORT [FROM]         opens a TCP connection from the pod: 'reached' or 'nothing came back';
#                                        NAME can be 'outside', FROM is then one of its addresses
#   on_node COMMAND...                   runs a command on the node
#   clean_up                             removes all of it
#
# The outside owns 172.17.0.9, 172.17.1.9 and 10.0.0.77, and routes everything else back to the node. The namespaces begin
# with netpolc-lab-, so that no other of this machine is touched.
lab=netpolc-lab
# A build of this repository is found without being installed.
command -v netpolc >/dev/null || PATH="$PWD/.build/debug:$PATH"

clean_up() {
  for file in /run/netns/$lab-*; do
    if [ -e "$file" ]; then ip netns delete "${file##*/}"; fi
  done
}

clean_up
ip netns add $lab-node
ip netns add $lab-outside
ip netns exec $lab-node sysctl -qw net.ipv4.ip_forward=1
ip -n $lab-node link set lo up
# Both ends of a link have one address, and nobody asks for it: nothing is on the wire but what is sent.
link="arp off address 02:00:00:00:00:01"
ip -n $lab-node link add up0 type veth peer name eth0 netns $lab-outside
ip -n $lab-node link set up0 $link
ip -n $lab-outside link set eth0 $link
ip -n $lab-node address add 192.0.2.1/30 dev up0
ip -n $lab-node link set up0 up
ip -n $lab-outside address add 192.0.2.2/30 dev eth0
for address in 172.17.0.9 172.17.1.9 10.0.0.77; do ip -n $lab-outside address add $address/32 dev lo; done
ip -n $lab-outside link set lo up
ip -n $lab-outside link set eth0 up
ip -n $lab-outside route add default via 192.0.2.1
ip -n $lab-node route add default via 192.0.2.2

pod() {
  # A name of an interface has at most 15 characters.
  port=v-$(printf %s "$1" | cut -c 1-13)
  ip netns add "$lab-$1"
  ip -n $lab-node link add "$port" type veth peer name eth0 netns "$lab-$1"
  ip -n $lab-node link set "$port" $link
  ip -n "$lab-$1" link set eth0 $link
  ip -n $lab-node link set "$port" up
  ip -n $lab-node route add "$2/32" dev "$port"
  ip -n "$lab-$1" address add "$2/32" dev eth0
  ip -n "$lab-$1" link set lo up
  ip -n "$lab-$1" link set eth0 up
  ip -n "$lab-$1" route add default dev eth0
}

# A closed port answers with a reset, which is proof enough that the packet arrived.
try() {
  if [ "$1" = outside ]; then ip -n $lab-outside route replace "$2" via 192.0.2.1 src "${4:-172.17.0.9}"; fi
  answer=$(ip netns exec "$lab-$1" timeout 2 bash -c "exec 3<>/dev/tcp/$2/$3" 2>&1)
  case $?,$answer in
    0,* | *refused*) echo "reached" ;;
    *) echo "nothing came back" ;;
  esac
}

on_node() { ip netns exec $lab-node "$@"; }
