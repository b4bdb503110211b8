#if os(Linux)
  import CLinux
  import Glibc
  public import LinuxNet

  /// A base chain of any table: what the kernel reports of it without its rules being fetched.
  public struct BaseChain: Sendable, Hashable {
    /// The table's family as nft writes it: `inet`, `ip`, `ip6`, `bridge`, `netdev` or `arp`.
    public let family: String
    /// The table's name.
    public let table: String
    /// The chain's name.
    public let name: String
    /// `filter`, `nat` or `route`.
    public let type: String
    /// The hook as nft writes it: `forward`, `ingress`; a number for one that is not known.
    public let hook: String
    /// The priority; lower ones come first.
    public let priority: Int32
    /// True where packets that no rule decides about are dropped.
    public let drops: Bool
    /// True where the chain has no rule.
    public let isEmpty: Bool

    /// True where packets that the node forwards pass the chain.
    public var seesForwarded: Bool {
      ["prerouting", "forward", "postrouting", "ingress", "egress"].contains(hook)
    }

    /// The families by their numbers.
    static let families: [UInt8: String] = [
      1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6",
    ]

    private init(_ chain: clinux_base_chain) {
      let hooks = ["prerouting", "input", "forward", "output", "postrouting", "ingress"]
      family = Self.families[chain.family] ?? "family \(chain.family)"
      table = Self.text(chain.table)
      name = Self.text(chain.name)
      type = Self.text(chain.type)
      if chain.family == 5 {
        hook = chain.hook == 0 ? "ingress" : "egress"
      } else {
        hook = hooks.indices.contains(Int(chain.hook)) ? hooks[Int(chain.hook)] : "hook \(chain.hook)"
      }
      priority = chain.priority
      drops = chain.drops != 0
      isEmpty = chain.use == 0
    }

    /// The text of a field of bytes that ends with a zero.
    static func text<Bytes>(_ bytes: Bytes) -> String {
      withUnsafeBytes(of: bytes) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// Every base chain of the calling thread's network namespace, in the kernel's order. Takes milliseconds, however
    /// large the tables are.
    ///
    /// - Throws: `SystemFailure` where the kernel cannot be asked, or the tables change all the time.
    public static func all() throws(SystemFailure) -> [BaseChain] {
      var attempts = 0
      while true {
        var found: [BaseChain] = []
        let result = withUnsafeMutablePointer(to: &found) { list in
          clinux_nftables_base_chains(
            { chain, context in
              context.assumingMemoryBound(to: [BaseChain].self).pointee.append(BaseChain(chain.pointee))
            }, list)
        }
        attempts += 1
        if result == -EINTR, attempts < 20 { continue }
        _ = try checked(result, "list the base chains")
        return found
      }
    }
  }
#endif
