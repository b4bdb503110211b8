#if os(Linux)
  import LinuxNet
  import NFTables

  /// The transactions that changed netpolc's table since a moment, by any program.
  struct ChangeCount: ~Copyable, Sendable {
    private var watch: TableWatch?
    private var sum = TableWatch.Changes()

    /// Begins to count in the calling thread's network namespace.
    init() {
      do throws(SystemFailure) {
        watch = try TableWatch(.netpolc)
      } catch {
        // Without events the kernel's program is read and compared instead.
        watch = nil
      }
    }

    /// All transactions since the beginning.
    mutating func changes() -> Changes {
      guard watch != nil else { return Changes(transactions: 0, isIncomplete: true, committers: []) }
      do throws(SystemFailure) {
        if let later = try watch?.changes() { sum.add(later) }
      } catch { return Changes(transactions: 0, isIncomplete: true, committers: []) }
      return Changes(
        transactions: sum.transactions, isIncomplete: sum.isIncomplete, committers: sum.committers)
    }

    /// All transactions since the beginning or the last call of this function.
    mutating func take() -> Changes {
      let result = changes()
      sum = TableWatch.Changes()
      return result
    }

    /// Transactions that were counted.
    struct Changes {
      let transactions: Int
      /// True where there may be more.
      let isIncomplete: Bool
      let committers: [TableWatch.Committer]

      /// The other programs among those that committed, in words.
      var intruders: String {
        let others = committers.filter { $0.program != "netpolc" }
        return others.isEmpty
          ? "another program" : others.prefix(3).map(\.description).joined(separator: ", ")
      }
    }
  }
#endif
