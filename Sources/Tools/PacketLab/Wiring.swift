#if os(Linux)
  import Addresses
  import CLinux
  import Glibc
  import LinuxNet
  import NFTables

  /// Joins the namespaces of a lab.
  struct Wiring {
    let node: NetworkNamespace
    let outside: NetworkNamespace
    let nodeAddresses: [IPAddress]
    let bridge: String?

    func build(_ pods: [(pod: PacketLab.Pod, namespace: NetworkNamespace)]) throws {
      try set(in: node, ["net/ipv4/ip_forward": "1", "net/ipv6/conf/all/forwarding": "1"])
      try set(
        in: outside,
        [
          "net/ipv4/ip_nonlocal_bind": "1", "net/ipv6/ip_nonlocal_bind": "1",
          "net/ipv4/conf/default/accept_local": "1", "net/ipv4/conf/all/accept_local": "1",
        ])
      for pod in pods { try set(in: pod.namespace, [:]) }

      var lines = ["link set lo up"]
      if let bridge {
        try set(
          in: node, ["net/bridge/bridge-nf-call-iptables": "1", "net/bridge/bridge-nf-call-ip6tables": "1"])
        lines += join(pods, by: bridge)
      } else {
        for (index, pod) in pods.enumerated() {
          lines += link("pod\(index)", number: index + 1, to: pod.namespace)
          lines += pod.pod.addresses.map { "route add \(host($0)) dev pod\(index)" }
        }
      }
      lines += link("out", number: 0, to: outside)
      lines += nodeAddresses.map { "addr add \(host($0)) dev out\($0.family == .ipv6 ? " nodad" : "")" }
      lines += ["route add 0.0.0.0/0 dev out", "route add ::/0 dev out"]
      try configure(node, lines)

      for pod in pods {
        try configure(
          pod.namespace, bridge == nil ? far(pod.pod.addresses) : onBridge(pod.pod.addresses))
      }
      var known = nodeAddresses.map { "route add \(host($0)) dev eth0" }
      for pod in pods { known += pod.pod.addresses.map { "route add \(host($0)) dev eth0" } }
      // In the main table, so that the hosts above are the longer matches.
      known += ["route add local 0.0.0.0/0 dev lo table main", "route add local ::/0 dev lo table main"]
      try configure(outside, up("lo") + up("eth0") + known)
    }

    /// A bridge of the node with a port for each pod, where addresses are resolved as usual.
    private func join(
      _ pods: [(pod: PacketLab.Pod, namespace: NetworkNamespace)], by bridge: String
    ) -> [String] {
      var lines = [
        "link add \(bridge) type bridge mcast_snooping 0", "link set \(bridge) up",
      ]
      for (index, pod) in pods.enumerated() {
        let place = "/proc/\(getpid())/fd/\(pod.namespace.descriptor)"
        lines += [
          "link add pod\(index) type veth peer name eth0 netns \(place)",
          "link set pod\(index) master \(bridge) addrgenmode none up",
          // A pod reaches itself through a Service by the port that it came by.
          "link set pod\(index) type bridge_slave hairpin on",
        ]
      }
      for gateway in Set(pods.flatMap(\.pod.addresses).map { gateway(of: $0) }).sorted() {
        lines.append("addr add \(onLink(gateway)) dev \(bridge)")
      }
      return lines
    }

    /// The bridge's own address among a pod's.
    private func gateway(of address: IPAddress) -> IPAddress {
      address.family == .ipv4
        ? IPAddress(.ipv4, bits: address.bits | 0xff ^ 1)
        : IPAddress(.ipv6, bits: (address.bits >> 64) << 64 | 0xfffe)
    }

    private func onLink(_ address: IPAddress) -> String {
      address.family == .ipv4 ? "\(address)/24" : "\(address)/64 nodad"
    }

    private func onBridge(_ addresses: [IPAddress]) -> [String] {
      let gateways = Set(addresses.map { gateway(of: $0) }).sorted()
      // With a link-local address, without which IPv6 asks for no neighbour in another's name.
      return up("lo") + ["link set eth0 up"]
        + addresses.map { "addr add \(onLink($0)) dev eth0" }
        + gateways.map { "route add \($0.family == .ipv4 ? "0.0.0.0/0" : "::/0") via \($0)" }
    }

    private func host(_ address: IPAddress) -> String { "\(address)/\(address.family.bitWidth)" }

    /// Without ARP, an interface writes its own address as the destination: both ends have the same.
    private func link(_ name: String, number: Int, to namespace: NetworkNamespace) -> [String] {
      let digits = String(number + 0x10000, radix: 16).dropFirst()
      let hardware = "02:00:00:00:\(digits.prefix(2)):\(digits.dropFirst(2))"
      let place = "/proc/\(getpid())/fd/\(namespace.descriptor)"
      return [
        "link add \(name) address \(hardware) type veth peer name eth0 address \(hardware) netns \(place)"
      ] + up(name)
    }

    private func up(_ name: String) -> [String] {
      name == "lo" ? ["link set lo up"] : ["link set \(name) addrgenmode none arp off up"]
    }

    private func far(_ addresses: [IPAddress]) -> [String] {
      up("lo") + up("eth0")
        + addresses.map { "addr add \(host($0)) dev eth0\($0.family == .ipv6 ? " nodad" : "")" }
        + ["route add 0.0.0.0/0 dev eth0", "route add ::/0 dev eth0"]
    }

    private func set(in namespace: NetworkNamespace, _ values: [String: String]) throws {
      try namespace.run { () throws(SystemFailure) in
        // Sources of all kinds are sent from every side.
        let always = [
          "net/ipv4/conf/all/rp_filter": "0", "net/ipv4/conf/default/rp_filter": "0",
          "net/ipv6/conf/default/accept_dad": "0",
        ]
        for (name, value) in always.merging(values, uniquingKeysWith: { $1 }) {
          let file = try Descriptor(path: "/proc/sys/\(name)", flags: O_WRONLY)
          var text = value
          let result = text.withUTF8 { Glibc.write(file.number, $0.baseAddress, $0.count) }
          if result < 0 { throw SystemFailure("set \(name)") }
        }
      }
    }

    /// Runs lines of the `ip` program in a namespace.
    private func configure(_ namespace: NetworkNamespace, _ lines: [String]) throws {
      let script = try Descriptor(memory: "ip")
      let errors = try Descriptor(memory: "ip errors")
      var text = lines.joined(separator: "\n") + "\n"
      let written = text.withUTF8 { bytes in
        Result { () throws(SystemFailure) in try script.replaceContent(with: UnsafeRawBufferPointer(bytes)) }
      }
      try written.get()
      lseek(script.number, 0, SEEK_SET)
      let slots = [script.number, errors.number, errors.number]
      let process = try namespace.run { () throws(SystemFailure) in
        try checked(clinux_spawn("ip", "-batch", "-", slots, 3), "start ip")
      }
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0 && errno == EINTR {}
      if status != 0 { throw LabFailure("ip failed: \(try errors.content())") }
    }
  }

  /// Forgets the tracked connections of the calling thread's namespace. A kernel without conntrack has none.
  func flushConnections() throws(SystemFailure) {
    let result = clinux_flush_conntrack()
    if result < 0 && result != -ENOENT { throw SystemFailure("forget connections", code: -result) }
  }
#endif
