import ArgumentParser
import PolicyModel
import Proving
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
      for counterexample in counterexamples { StandardOutput.write(counterexample.text) }
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

  /// One line for a proof that succeeded.
  private func success(_ statistics: VerificationResult.Statistics) -> String {
    let words = [
      Counting.of(statistics.classes, "class"), Counting.of(statistics.rules, "rule"),
      Counting.of(statistics.elements, "element"),
    ].joined(separator: ", ")
    return "netpolc: proven in \(time): \(promise) (\(words))\n"
  }

  /// Requires the proof of `compile`'s own ruleset. Anything else is a defect of netpolc: nothing is written.
  func requireOwn() throws {
    switch result {
    case .proven where cluster.pods.isEmpty:
      StandardError.write("netpolc: nothing to prove: no pod with an address was read\n")
    case .proven where cluster.policies.isEmpty:
      StandardError.write("netpolc: nothing to prove: no policy was read\n")
    case .proven(let statistics):
      StandardError.write(success(statistics))
    case .counterexample:
      for counterexample in counterexamples { StandardError.write(counterexample.text) }
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
