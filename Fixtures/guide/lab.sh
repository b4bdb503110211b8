# A node with some of the inventory's pods, in network namespaces: source it in bash, as root.
#
#   pod NAME ADDRESS                     adds a pod behind a pair of virtual interfaces
#   try NAME ADDRESS PORT [FROM]         opens a TCP connection from the pod: 'reached' or 'nothing came back';
#                                        NAME can be 'outside', FROM is then one of its addresses
#   on_node COMMAND...                   runs a command on the node
#
# The outside owns 172.17.0.9, 172.17.1.9 and 10.0.0.77, and routes everything else back to the node.
ip netns add node
ip netns add outside
ip netns exec node sysctl -qw net.ipv4.ip_forward=1
ip -n node link set lo up
# Both ends of a link have one address, and nobody asks for it: nothing is on the wire but what is sent.
link="arp off address 02:00:00:00:00:01"
ip -n node link add up0 type veth peer name eth0 netns outside
ip -n node link set up0 $link
ip -n outside link set eth0 $link
ip -n node address add 192.0.2.1/30 dev up0
ip -n node link set up0 up
ip -n outside address add 192.0.2.2/30 dev eth0
for address in 172.17.0.9 172.17.1.9 10.0.0.77; do ip -n outside address add $address/32 dev lo; done
ip -n outside link set lo up
ip -n outside link set eth0 up
ip -n outside route add default via 192.0.2.1
ip -n node route add default via 192.0.2.2

pod() {
  ip netns add "$1"
  ip -n node link add "v-$1" type veth peer name eth0 netns "$1"
  ip -n node link set "v-$1" $link
  ip -n "$1" link set eth0 $link
  ip -n node link set "v-$1" up
  ip -n node route add "$2/32" dev "v-$1"
  ip -n "$1" address add "$2/32" dev eth0
  ip -n "$1" link set lo up
  ip -n "$1" link set eth0 up
  ip -n "$1" route add default dev eth0
}

# A closed port answers with a reset, which is proof enough that the packet arrived.
try() {
  if [ "$1" = outside ]; then ip -n outside route replace "$2" via 192.0.2.1 src "${4:-172.17.0.9}"; fi
  answer=$(ip netns exec "$1" timeout 2 bash -c "exec 3<>/dev/tcp/$2/$3" 2>&1)
  case $?,$answer in
    0,* | *refused*) echo "reached" ;;
    *) echo "nothing came back" ;;
  esac
}

on_node() { ip netns exec node "$@"; }
