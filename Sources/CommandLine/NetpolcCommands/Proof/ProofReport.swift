import ArgumentParser
import PolicyModel
import Verification
import Wording

extension Proof {
  /// The answer of `verify`: proven on standard error, counterexamples on standard output, and the exit status of the
  /// contract.
  func report(subject: String) throws {
    switch result {
    case .proven(let statistics):
      StandardError.write(success(statistics))
    case .counterexample(let found):
      for counterexample in found {
        StandardOutput.write(
          CounterexampleText(counterexample: counterexample, cluster: cluster, table: table).text)
      }
      StandardError.write(
        "netpolc: \(subject) does not do what the policies say: \(Counting.of(found.count, "counterexample")), "
          + "found in \(time)\n")
      throw ExitCode(Status.finding)
    case .undecided(let reasons):
      for reason in reasons { StandardError.write("netpolc: undecided: \(reason)\n") }
      StandardError.write("netpolc: \(subject) is neither proven nor refuted\n")
      throw ExitCode(Status.undecided)
    }
  }

  /// Why the table is not what the policies say; nil where it is proven.
  var objection: String? {
    switch result {
    case .proven: nil
    case .counterexample(let found):
      found.first.map { CounterexampleText(counterexample: $0, cluster: cluster, table: table).text }
        ?? "a counterexample was found"
    case .undecided(let reasons): reasons.first?.description ?? "undecided"
    }
  }

  /// What `compile` says of its own ruleset. Anything but a proof is a defect of netpolc: nothing is written.
  func requireOwn() throws {
    switch result {
    case .proven(let statistics):
      StandardError.write(success(statistics))
    case .counterexample(let found):
      for counterexample in found {
        StandardError.write(
          CounterexampleText(counterexample: counterexample, cluster: cluster, table: table).text)
      }
      StandardError.write(
        "netpolc: error: the ruleset just made does not do what the policies say; this is a defect of netpolc, "
          + "please report it with the input; nothing was written or applied\n")
      throw ExitCode(Status.trouble)
    case .undecided(let reasons):
      for reason in reasons { StandardError.write("netpolc: undecided: \(reason)\n") }
      StandardError.write(
        "netpolc: error: the ruleset just made could not be proved; this is a defect of netpolc, please report it "
          + "with the input; nothing was written or applied\n")
      throw ExitCode(Status.trouble)
    }
  }
}
