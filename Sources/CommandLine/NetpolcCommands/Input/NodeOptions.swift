import ArgumentParser
import PolicyModel

/// The options of reviews about a pod and its node.
struct NodeOptions: ParsableArguments {
  @Option(
    help:
      "What pods may send to their own node: anything (open), or what their egress policies allow (policies). By default open."
  )
  var podToNode = EnforcementModes.PodToNode.open

  @Option(
    help: ArgumentHelp(
      "Ask about packets of pods with a source that is not their own, too, as each node lets them pass: any (off), those with no "
        + "address of its pods (local), none (pods). By default senders are believed to use their own."))
  var sourceCheck: EnforcementModes.SourceCheck?
}
