public import Addresses
public import Connectivity
public import PolicyModel
import Reachability

/// The effect of a policy change on connections.
public struct ConnectivityDiff: Sendable {
  /// Every change of what is allowed, most pods first within a kind.
  public var changes: [ConnectionChange]
  /// Every change for pods of kinds that no pod of today is of: with other labels, or in new namespaces.
  public var futureChanges: [ConnectionChange] = []
  /// Pods that policies isolate now and did not before, or the other way round.
  public var isolation: [IsolationChange]
  /// Pods that only one of the revisions has, or that have another address in each.
  public var pods: PodChanges
  /// The number of pods that both revisions have at the same address.
  public var comparedPods: Int
  /// The number of these that take part in a change, as an end of a connection.
  public var changedPods: Int
  /// The changes in the ruleset, if they were asked for.
  public var ruleset: RulesetChange?
  /// True where a policy of one revision is not in the other with the same content.
  public var policiesDiffer: Bool
  /// True where both revisions treat every pod alike that could exist, with any labels in any namespace.
  public var isSameForEveryPod: Bool

  /// Changes of what is left out or suppressed. They count as widened: what they hide is not seen.
  public var reviewChanges: [ReviewChange] = []
  /// The numbers of files and documents of both revisions' directories that were not read.
  public var leftOut: [LeftOutCount] = []
  /// The same in short phrases, for the summary.
  public var leftOutPhrases: [String] = []

  /// Pods and workloads that come onto the host network. They count as widened: no policy applies to them any more.
  public var ontoHostNetwork: [HostNetworkChange] = []

  /// Families of addresses in changed policies of which no pod has one, so that nothing was compared for them.
  public var unusedFamilies: [IPFamily] = []

  /// True where a part of the input differs that is not read, such as a Helm chart; `omissions` has its name.
  public var hasUnreadChanges = false

  /// Parts that were not compared, because they would be too much; none where everything was.
  public var omissions: [String] = []

  /// True where nothing changes for today's pods: no connection, no isolation, and no pod comes or goes.
  public var hasNoEffectToday: Bool {
    changes.isEmpty && isolation.isEmpty && pods.isEmpty && ontoHostNetwork.isEmpty
  }

  /// True where both revisions treat today's pods alike, and every other pod that could exist.
  public var isEquivalent: Bool {
    hasNoEffectToday && isSameForEveryPod && reviewChanges.isEmpty && !hasUnreadChanges
  }

  /// True where the policies differ, there was no pod to compare them for, and pods to come gave no answer.
  public var isWithoutPods: Bool {
    comparedPods == 0 && hasNoEffectToday && futureChanges.isEmpty && !isSameForEveryPod
  }

  /// True where something was not compared that may differ.
  public var isIncomplete: Bool { hasUnreadChanges || !isSameForEveryPod && !omissions.isEmpty }

  /// True where nothing differs as far as was compared, and not all was.
  public var isUndecided: Bool { hasNoEffectToday && futureChanges.isEmpty && isIncomplete }

  /// The same without changes that hold for some of the addresses that a pod may get and not for all.
  public var withoutUncertainChanges: ConnectivityDiff {
    var certain = self
    certain.changes.removeAll(where: \.dependsOnAddress)
    certain.futureChanges.removeAll(where: \.dependsOnAddress)
    return certain
  }

  /// Puts other places in the stead of those of every change.
  public mutating func replacePlaces(_ replacing: ([Origin]) -> [Origin]) {
    for index in changes.indices { changes[index].witness.places = replacing(changes[index].witness.places) }
    for index in futureChanges.indices {
      futureChanges[index].witness.places = replacing(futureChanges[index].witness.places)
    }
    for index in ontoHostNetwork.indices {
      ontoHostNetwork[index].places = replacing(ontoHostNetwork[index].places)
    }
    for index in isolation.indices { isolation[index].places = replacing(isolation[index].places) }
  }

  /// The number of changes of a kind.
  public func count(_ kind: ConnectionChange.Kind) -> Int { changes.count { $0.kind == kind } }

  /// Every change, for today's pods and for future ones.
  public var allChanges: [ConnectionChange] { changes + futureChanges }

  /// True where anything is allowed that was not.
  public var widens: Bool {
    allChanges.contains { $0.kind != .narrowed } || !reviewChanges.isEmpty || !ontoHostNetwork.isEmpty
  }
  /// True where anything is denied that was not.
  public var narrows: Bool { allChanges.contains { $0.kind != .widened } }
}
