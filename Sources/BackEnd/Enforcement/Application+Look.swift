#if os(Linux)
  import Assembler
  import KernelProgram
  import KernelReader
  import NFTables
  import Ruleset

  extension Application {
    /// Rounds in which an edit that came during the apply is repaired.
    private static let repairs = 3

    /// The table after a commit. What is known is what was sent; a transaction that came between is another program's: it
    /// is reported, and repaired.
    mutating func settled(
      _ sent: Table, after commit: Commit, from generation: UInt32, _ watch: inout ChangeCount
    ) -> Known {
      let program = Assembler.assemble(sent)
      let objects = ObjectDigests(program)
      var commits = commit.transactions
      for round in 0...Self.repairs {
        guard let now = try? TableFacts.generation() else { break }
        if let commits, now == generation &+ UInt32(commits) {
          return Known(objects: objects, generation: now, commits: commits)
        }
        let changes = watch.changes()
        if let commits, changes.transactions == commits, !changes.isIncomplete {
          return Known(objects: objects, generation: now, commits: commits)
        }
        guard let reading = try? KernelReader.read(.netpolc) else {
          note("the table could not be looked at after the commit")
          break
        }
        if reading.table == program {
          return Known(objects: objects, generation: reading.generation, commits: commits)
        }
        guard round < Self.repairs, let found = reading.table else {
          note(
            "\(changes.intruders) changes the table all the time; what is in force is not what was applied")
          break
        }
        let differences = objects.differences(from: ObjectDigests(found))
        note("\(changes.intruders) changed the table during the apply: \(Self.list(differences)); repaired")
        guard let made = repair(found, to: sent) else { break }
        commits = commits.map { $0 + made }
      }
      return Known(objects: objects, generation: 0)
    }

    /// Sends what makes the wanted table of the one that was found.
    ///
    /// - Returns: the number of transactions; nil where it could not be done.
    private mutating func repair(_ found: KernelTable, to sent: Table) -> Int? {
      do throws(NFTablesFailure) {
        if let (_, steps) = FoundTable(found, wanted: sent).repair(to: sent) {
          do throws(NFTablesFailure) {
            _ = try enforcer.client.apply(steps: steps, holding: lock)
            return steps.count
          } catch { guard case .rejected = error else { throw error } }
        }
        let marker = sent.marker.map { "add chain \(NFTablesTable.netpolc) \($0.chain)\n" } ?? ""
        _ = try enforcer.client.apply(request.replacement + marker, holding: lock)
        return 1
      } catch {
        note("it could not be repaired: \(error)")
        return nil
      }
    }

    private static func list(_ names: [String]) -> String {
      names.prefix(4).joined(separator: ", ") + (names.count > 4 ? " and \(names.count - 4) more" : "")
    }

    /// The difference between the table in the kernel and the one that was sent, as a reason; nil where there is none.
    ///
    /// A table that differs from the assembled one though no other program has touched it was compiled otherwise by this
    /// libnftables: it is recorded as it is, where it is proved by itself.
    mutating func judge(_ sent: Table) -> String? {
      let reading: KernelReader.Reading
      do throws(KernelReader.Failure) { reading = try KernelReader.read(.netpolc) } catch {
        return "the table could not be read back: \(error)"
      }
      guard let found = reading.table else { return "the table was gone when it was read back" }
      let isSent = ObjectDigests(found) == known.objects
      if !isSent, request.proof == nil || reading.generation != known.generation {
        return "the table read back is not the one that was sent"
      }
      if isSent, request.isProved { return nil }
      if let objection = request.proof?(found) { return "the table read back is wrong: \(objection)" }
      if !isSent {
        note("this libnftables compiles rules otherwise than expected; the table was proved by itself")
        known.objects = ObjectDigests(found)
      }
      return nil
    }
  }
#endif
