import Addresses
import PolicyModel

/// Pods as the API server gives them: a few fields that matter among many that do not.
extension Pod {
  /// The object, with the noise that belongs to its name.
  var manifest: ManifestValue {
    var random = SeededRandom(seed: fingerprint(namespace) ^ fingerprint(name))
    let uid = Self.uid(&random)
    let owner = name.split(separator: "-").dropLast().joined(separator: "-")
    let started =
      "2026-0\(random.among(1...9))-1\(random.below(10))T1\(random.below(10)):2\(random.below(10)):3\(random.below(10))Z"
    let images = ["registry.example.com/\(namespace)/\(owner):1.\(random.below(30)).\(random.below(10))"]
    let metadata: [(String, ManifestValue)] = [
      (
        "annotations",
        .texts([
          ("checksum/config", Self.hexadecimal(64, &random)), ("prometheus.io/scrape", "true"),
        ])
      ),
      ("creationTimestamp", .text(started)), ("generateName", .text("\(owner)-")),
      ("labels", .texts(labels.pairs.map { ($0.key, $0.value) })),
      ("managedFields", .list([managedFields(started)])),
      ("name", .text(name)), ("namespace", .text(namespace)),
      (
        "ownerReferences",
        .list([
          .object([
            ("apiVersion", .text("apps/v1")), ("blockOwnerDeletion", .bool(true)),
            ("controller", .bool(true)),
            ("kind", .text("ReplicaSet")), ("name", .text(owner)), ("uid", .text(Self.uid(&random))),
          ])
        ])
      ), ("resourceVersion", .text(String(random.among(1_000_000...90_000_000)))), ("uid", .text(uid)),
    ]
    return .object([
      ("apiVersion", .text("v1")), ("kind", .text("Pod")), ("metadata", .object(metadata)),
      ("spec", spec(images[0], &random)), ("status", status(images[0], started, &random)),
    ])
  }

  private static func hexadecimal(_ count: Int, _ random: inout SeededRandom) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: (0..<count).map { _ in digits[random.below(16)] }, as: UTF8.self)
  }

  private static func uid(_ random: inout SeededRandom) -> String {
    [8, 4, 4, 4, 12].map { hexadecimal($0, &random) }.joined(separator: "-")
  }

  private func managedFields(_ time: String) -> ManifestValue {
    let labels = labels.pairs.map { ("f:\($0.key)", ManifestValue.object([])) }
    return .object([
      ("apiVersion", .text("v1")), ("fieldsType", .text("FieldsV1")),
      (
        "fieldsV1",
        .object([
          ("f:metadata", .object([("f:generateName", .object([])), ("f:labels", .object(labels))])),
          (
            "f:spec",
            .object([
              ("f:containers", .object([])), ("f:dnsPolicy", .object([])), ("f:restartPolicy", .object([])),
            ])
          ),
        ])
      ), ("manager", .text("kube-controller-manager")), ("operation", .text("Update")), ("time", .text(time)),
    ])
  }

  private func spec(_ image: String, _ random: inout SeededRandom) -> ManifestValue {
    let ports = namedPorts.map { port in
      ManifestValue.object([
        ("containerPort", .number(Int(port.number))), ("name", .text(port.name)),
        ("protocol", .text(port.transport.rawValue)),
      ])
    }
    let container: [(String, ManifestValue)] = [
      ("image", .text(image)), ("imagePullPolicy", .text("IfNotPresent")),
      ("name", .text("main")), ("ports", .list(ports)),
      (
        "resources",
        .object([
          ("limits", .texts([("cpu", "\(random.among(1...8))"), ("memory", "\(random.among(1...16))Gi")])),
          ("requests", .texts([("cpu", "\(random.among(1...9))00m"), ("memory", "512Mi")])),
        ])
      ), ("terminationMessagePath", .text("/dev/termination-log")),
    ]
    var members: [(String, ManifestValue)] = [
      ("containers", .list([.object(container)])), ("dnsPolicy", .text("ClusterFirst")),
      ("enableServiceLinks", .bool(true)),
    ]
    if hostNetwork { members.append(("hostNetwork", .bool(true))) }
    if let node { members.append(("nodeName", .text(node))) }
    members += [
      ("preemptionPolicy", .text("PreemptLowerPriority")), ("priority", .number(0)),
      ("restartPolicy", .text("Always")), ("schedulerName", .text("default-scheduler")),
      ("serviceAccountName", .text("default")), ("terminationGracePeriodSeconds", .number(30)),
      (
        "tolerations",
        .list(
          ["not-ready"].map { condition in
            .object([
              ("effect", .text("NoExecute")), ("key", .text("node.kubernetes.io/\(condition)")),
              ("operator", .text("Exists")), ("tolerationSeconds", .number(300)),
            ])
          })
      ),
    ]
    return .object(members)
  }

  private func status(_ image: String, _ time: String, _ random: inout SeededRandom) -> ManifestValue {
    let conditions = ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map { type in
      ManifestValue.texts([("lastTransitionTime", time), ("status", "True"), ("type", type)])
    }
    var members: [(String, ManifestValue)] = [
      ("conditions", .list(conditions)),
      (
        "containerStatuses",
        .list([
          .object([
            ("containerID", .text("containerd://\(Self.hexadecimal(64, &random))")), ("image", .text(image)),
            ("imageID", .text("\(image)@sha256:\(Self.hexadecimal(64, &random))")), ("name", .text("main")),
            ("ready", .bool(true)), ("restartCount", .number(random.below(4))), ("started", .bool(true)),
            ("state", .object([("running", .texts([("startedAt", time)]))])),
          ])
        ])
      ), ("hostIP", .text("172.16.0.\(random.below(250))")), ("phase", .text(phase.rawValue)),
    ]
    if let first = addresses.first {
      members.append(("podIP", .text(first.description)))
      members.append(("podIPs", .list(addresses.map { .texts([("ip", $0.description)]) })))
    }
    members += [("qosClass", .text("Burstable")), ("startTime", .text(time))]
    return .object(members)
  }
}
