#if os(Linux)
  public import LinuxNet
  public import NFTables
  import Ruleset

  /// Packets and bytes that counters have counted.
  public struct CountedPackets: Sendable, Hashable {
    /// The number of packets.
    public var packets: UInt64 = 0
    /// The number of bytes in them.
    public var bytes: UInt64 = 0

    /// Counts of nothing, or of so many.
    public init(packets: UInt64 = 0, bytes: UInt64 = 0) { (self.packets, self.bytes) = (packets, bytes) }
  }

  extension KernelReader {
    /// The counts of a table's rules by chain, in the calling thread's network namespace: of each chain that has a counter. Takes
    /// as long as the table has rules; its sets are not read.
    ///
    /// - Returns: the counts, of one state or two that follow one another; nil where there is no such table.
    /// - Throws: that the kernel cannot be asked.
    public static func counters(of table: NFTablesTable) throws(SystemFailure) -> [String: CountedPackets]? {
      guard let family = Table.Family(rawValue: table.family) else { return nil }
      var conversation = try NetlinkConversation()
      let name = [(kind: UInt16(1), text: table.name)]
      do throws(SystemFailure) {
        _ = try conversation.ask(1, family: family.number, isDump: false, name) { _, _ in }
      } catch {
        // ENOENT
        if error.code == 2 { return nil }
        throw error
      }
      var found: [String: CountedPackets] = [:]
      _ = try conversation.ask(7, family: family.number, isDump: true, name) { _, body in
        if let told = MessageList.identity(body), told != (family, table.name) { return }
        if let (chain, counts) = try? Self.counts(ofRule: body) {
          found[chain, default: CountedPackets()].packets += counts.packets
          found[chain, default: CountedPackets()].bytes += counts.bytes
        }
      }
      return found
    }

    /// The chain of a rule, and what its counters have counted; nil where it has none.
    private static func counts(ofRule body: NetlinkBytes) throws(UnknownPart) -> (String, CountedPackets)? {
      var (chain, counts): (String?, CountedPackets?) = (nil, nil)
      var place = body.range.lowerBound + 4
      while let attribute = try body.nextAttribute(at: &place) {
        switch attribute.kind & ~NetlinkAttribute.nested {
        case 2: chain = try attribute.content.text(of: "the rule's chain")
        case 4:
          var place = attribute.content.range.lowerBound
          while let expression = try attribute.content.nextAttribute(at: &place) {
            guard let more = try Self.counts(ofExpression: expression.content) else { continue }
            counts = CountedPackets(
              packets: (counts?.packets ?? 0) + more.packets, bytes: (counts?.bytes ?? 0) + more.bytes)
          }
        default: break
        }
      }
      guard let chain, let counts else { return nil }
      return (chain, counts)
    }

    private static func counts(ofExpression bytes: NetlinkBytes) throws(UnknownPart) -> CountedPackets? {
      var (place, isCounter) = (bytes.range.lowerBound, false)
      while let attribute = try bytes.nextAttribute(at: &place) {
        switch attribute.kind & ~NetlinkAttribute.nested {
        case 1: isCounter = try attribute.content.text(of: "the expression's name") == "counter"
        case 2 where isCounter:
          var counts = CountedPackets()
          var place = attribute.content.range.lowerBound
          while let value = try attribute.content.nextAttribute(at: &place) {
            switch value.kind {
            case 1: counts.bytes = try value.content.number(UInt64.self, of: "the counter's bytes")
            case 2: counts.packets = try value.content.number(UInt64.self, of: "the counter's packets")
            default: break
            }
          }
          return counts
        default: break
        }
      }
      return nil
    }
  }
#endif
