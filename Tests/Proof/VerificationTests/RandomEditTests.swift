#if os(Linux)
  import Addresses
  import Assembler
  import Foundation
  import KernelProgram
  import KernelReader
  import LinuxNet
  import Lowering
  import NFTables
  import PolicyModel
  import Reachability
  import Ruleset
  import RulesetText
  import TestSupport
  import Testing

  @testable import Verification

  /// Edits of texts and of instructions, judged by what the kernel makes of them and by a plain interpreter.
  @Suite("no random edit is proven that treats a packet otherwise", .long, .bounded)
  struct RandomEditTests {
    /// Edits of each kind; `NETPOLC_FULL` asks for all that the project promises.
    private static let count = ProcessInfo.processInfo.environment["NETPOLC_FULL"] == nil ? 400 : 10_000
    /// Reported with each failure; another one makes other edits.
    private static let seed: UInt64 =
      ProcessInfo.processInfo.environment["NETPOLC_SEED"].flatMap { UInt64($0) } ?? 1

    private struct Subject {
      let table: Table
      let specification: Specification
      let verifier: Verifier

      init(_ seed: UInt64) {
        let cluster = RandomCluster(seed: seed, pods: 4, policies: 3).cluster
        var lowerer = Lowerer(cluster)
        table = lowerer.lower(LoweringOptions(denseFrom: seed.isMultiple(of: 2) ? 1 : 9)).table
        specification = Specification(cluster)
        verifier = Verifier(specification, limit: 1)
      }

      /// A packet that a proven program treats otherwise than the policies say; nil where there is none.
      func mismatch(_ program: KernelTable, _ table: Table) -> Packet? {
        Representatives(table, specification).firstMismatch(of: program).packet
      }
    }

    private struct Tally: CustomStringConvertible {
      var edits = 0, refused = 0, proven = 0, found = 0, undecided = 0, plain = 0, plainUndecided = 0
      var strict = 0, strictPlain = 0, strictUndecided = 0
      var description: String {
        "\(edits) edits, \(refused) refused by nft, \(proven) proven, \(found) refuted, \(undecided) undecided; "
          + "of \(plain) in netpolc's notations \(plainUndecided) undecided; "
          + "the strict reader took \(strict), and of \(strictPlain) in netpolc's notations not \(strictUndecided)"
      }
    }

    @Test("of texts, by libnftables and the kernel, and by the strict reader", .needsRoot)
    func texts() throws {
      let namespace = try NetworkNamespace()
      var session = NFTablesSession(
        client: NFTablesClient(executable: BuiltProgram.netpolc, namespace: namespace))
      var tally = Tally()
      var seed = Self.seed &* 1_000
      while tally.edits < Self.count {
        seed += 1
        let subject = Subject(seed)
        let original = NFTPrinter.replacing(subject.table)
        var mutator = TextMutator(generator: SeededGenerator(seed: seed))
        for _ in 0..<20 {
          guard let edit = mutator.mutate(original) else { continue }
          tally.edits += 1
          let isTaken = (try? session.apply(edit.text)) != nil
          let place = "seed \(seed), \(edit.what)"
          guard isTaken else {
            tally.refused += 1
            continue
          }
          let reading = try namespace.run { () throws(KernelReader.Failure) in try KernelReader.read(.netpolc)
          }
          guard let program = reading.table else { continue }
          let typed = try? NFTReader.read(edit.text)
          judge(subject, program, edit, typed?.tables.first ?? subject.table, &tally, place)
          // The strict reader: what it takes is what the kernel executes.
          if edit.isPlain { tally.strictPlain += 1 }
          let table = typed?.tables.first
          if let typed, let table, CanonicalText.objection(to: edit.text, readAs: typed) == nil {
            let assembled = Assembler.assemble(table)
            tally.strict += 1
            // A text that the reader has no word for is undecided, as it is in the kernel.
            #expect(
              !assembled.everythingUnknown.isEmpty || assembled == program, "\(place): the strict reader")
          } else if edit.isPlain {
            tally.strictUndecided += 1
            let why =
              typed.flatMap { CanonicalText.objection(to: edit.text, readAs: $0)?.message } ?? "not read"
            print("the strict reader: \(place): \(why)")
          }
        }
      }
      print("random edits of texts from seed \(Self.seed): \(tally)")
      #expect(tally.plainUndecided * 100 < tally.plain, "\(tally)")
      #expect(tally.strictUndecided * 100 < tally.strictPlain, "\(tally)")
      #expect(tally.proven > tally.edits / 50 && tally.found > tally.edits / 10, "\(tally)")
    }

    private func judge(
      _ subject: Subject, _ program: KernelTable, _ edit: TextMutator.Edit, _ typed: Table,
      _ tally: inout Tally,
      _ place: String
    ) {
      if edit.isPlain { tally.plain += 1 }
      switch subject.verifier.verify(program) {
      case .proven:
        tally.proven += 1
        let packet = subject.mismatch(program, typed)
        #expect(packet == nil, "\(place): proven, but \(String(describing: packet))")
      case .counterexample: tally.found += 1
      case .undecided(let reasons):
        tally.undecided += 1
        if edit.isPlain {
          tally.plainUndecided += 1
          print("undecided: \(place): \(reasons.first?.description ?? "")")
        }
      }
    }

    @Test("of instructions")
    func instructions() {
      var tally = Tally()
      var seed = Self.seed &* 1_000
      while tally.edits < Self.count {
        seed += 1
        let subject = Subject(seed)
        let original = Assembler.assemble(subject.table)
        var mutator = InstructionMutator(generator: SeededGenerator(seed: seed))
        for _ in 0..<20 {
          guard let (program, what, isPlain) = mutator.mutate(original) else { continue }
          tally.edits += 1
          if isPlain { tally.plain += 1 }
          switch subject.verifier.verify(program) {
          case .proven:
            tally.proven += 1
            let packet = subject.mismatch(program, subject.table)
            #expect(packet == nil, "seed \(seed), \(what): proven, but \(String(describing: packet))")
          case .counterexample: tally.found += 1
          case .undecided(let reasons):
            tally.undecided += 1
            if isPlain {
              tally.plainUndecided += 1
              print("undecided: seed \(seed), \(what): \(reasons.first?.description ?? "")")
            }
          }
        }
      }
      print("random edits of instructions from seed \(Self.seed): \(tally)")
      #expect(tally.plainUndecided * 100 < tally.plain, "\(tally)")
      #expect(tally.found > tally.edits / 10, "\(tally)")
    }
  }
#endif
