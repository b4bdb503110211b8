import TestSupport
import Testing

/// What a pull request changes, and the line of the new revision that an annotation has to stand at.
@Suite("a pull request is annotated at the line that it changed, whatever object that is of", .bounded)
struct AnnotatedLineTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    /// The file that changes; everything of it replaced, or the file gone where `to` is nil.
    let file: String
    let from: String
    let to: String?
    /// `FILE:LINE` of the annotations of connections and isolation, each once, ascending.
    let places: [String]
    /// A text of one of the annotations.
    var told = ""
    var testDescription: String { name }
  }

  static let files = [
    "namespaces.yaml": """
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
      labels:
        env: prod
    ---
    apiVersion: v1
    kind: Namespace
    metadata:
      name: tools
      annotations:
        owner: infra
      labels:
        env: dev
        team: infra

    """,
    "apps.yaml": """
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: shop
      labels:
        app: web
    spec:
      replicas: 2
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          hostNetwork: false
          containers:
          - name: web
            ports:
            - name: http
              containerPort: 8080
    ---
    apiVersion: v1
    kind: Pod
    metadata:
      name: job
      namespace: tools
      labels:
        # the labels of the job
        app: job
        tier: back
    spec: {containers: [{name: job}]}

    """,
    "policies.yaml": """
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata:
      name: web
      namespace: shop
    spec:
      podSelector:
        matchLabels:
          app: web
      policyTypes:
      - Ingress
      ingress:
      - from:
        - namespaceSelector:
            matchLabels:
              env: prod
        - ipBlock:
            cidr: 192.0.2.0/24
            except:
            - 192.0.2.128/25
        ports:
        - port: http
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata:
      name: tools
      namespace: tools
    spec:
      podSelector:
        matchExpressions:
        - key: app
          operator: In
          values:
          - job
          - cron
      policyTypes: [Ingress]

    """,
  ]

  /// The second policy with the line that parts it from the first.
  private static let toolsPolicy: String = {
    let text = files["policies.yaml"] ?? ""
    return text.firstRange(of: "---").map { String(text[$0.lowerBound...]) } ?? ""
  }()

  static let cases: [Case] = [
    Case(
      name: "a label of a namespace", file: "namespaces.yaml", from: "env: dev", to: "env: prod",
      places: ["namespaces.yaml:15"]),
    Case(
      name: "a label that a namespace loses", file: "namespaces.yaml", from: "  labels:\n    env: prod\n",
      to: "  labels: {}\n", places: ["namespaces.yaml:5"]),
    Case(
      name: "a label of a pod, not the comment above it", file: "apps.yaml",
      from: "    # the labels of the job\n    app: job", to: "    # its labels\n    app: cron-1",
      places: ["apps.yaml:32"]),
    Case(
      name: "the labels of a template", file: "apps.yaml", from: "        app: web\n    spec",
      to: "        app: website\n    spec", places: ["apps.yaml:16"]),
    Case(
      name: "a named port's number", file: "apps.yaml", from: "containerPort: 8080",
      to: "containerPort: 8081", places: ["apps.yaml:23"]),
    Case(
      name: "the host network", file: "apps.yaml", from: "hostNetwork: false", to: "hostNetwork: true",
      places: ["apps.yaml:18"]),
    Case(
      name: "no replicas any more", file: "apps.yaml", from: "replicas: 2", to: "replicas: 0",
      places: ["apps.yaml:9"]),
    Case(
      name: "a block's length", file: "policies.yaml", from: "cidr: 192.0.2.0/24", to: "cidr: 192.0.0.0/16",
      places: ["policies.yaml:18"]),
    Case(
      name: "an exception of a block", file: "policies.yaml", from: "192.0.2.128/25", to: "192.0.2.192/26",
      places: ["policies.yaml:20"]),
    Case(
      name: "exceptions that go", file: "policies.yaml",
      from: "        except:\n        - 192.0.2.128/25\n", to: "", places: ["policies.yaml:18"]),
    Case(
      name: "a value of a selector of subjects", file: "policies.yaml", from: "      - cron\n",
      to: "      - cron\n      - other\n", places: ["policies.yaml:37"]),
    Case(
      name: "a value of a selector that goes", file: "policies.yaml", from: "      - job\n", to: "",
      places: ["policies.yaml:34"]),
    Case(
      name: "a direction that is isolated too", file: "policies.yaml", from: "policyTypes: [Ingress]",
      to: "policyTypes: [Ingress, Egress]", places: ["policies.yaml:37"]),
    Case(
      name: "a policy that goes stands where it stood", file: "policies.yaml",
      from: toolsPolicy, to: "", places: ["policies.yaml:22"],
      told: "also decides: old/policies.yaml:24:1"),
    Case(
      name: "a file that goes stands in the old revision", file: "policies.yaml", from: "", to: nil,
      places: ["policies.yaml:1", "policies.yaml:24"]),
  ]

  private static func folder(_ example: Case) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, text) in files {
      try folder.write("old/\(name)", text)
      if name != example.file {
        try folder.write("new/\(name)", text)
      } else if let to = example.to {
        try folder.write("new/\(name)", text.replacing(example.from, with: to))
      }
    }
    return folder
  }

  @Test("at the changed line", arguments: cases)
  func line(_ example: Case) throws {
    let folder = try Self.folder(example)
    let run = try CommandRun.netpolc(
      "diff", "old", "new", "--no-ruleset", "--format", "github", in: folder.path("."))
    // What depends on the address that a workload gets is undecided, and annotated all the same.
    #expect(run.status == 1 || run.status == 3, "\(run.errors)")
    let found = run.output.split(separator: "\n").filter {
      $0.contains("netpolc connectivity-") || $0.contains("netpolc pods-")
    }.compactMap { line -> String? in
      let parts = line.split { ",=: ".contains($0) }
      guard let file = parts.firstIndex(of: "file"), let number = parts.firstIndex(of: "line") else {
        return nil
      }
      return "\(parts[file + 1].split(separator: "/").last ?? ""):\(parts[number + 1])"
    }
    #expect(Set(found).sorted() == example.places, "\(run.output)")
    #expect(run.output.contains(example.told), "\(run.output)")
  }
}
