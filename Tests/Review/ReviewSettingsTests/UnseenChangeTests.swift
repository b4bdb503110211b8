import TestSupport
import Testing

/// Pull requests that change something where a comparison could look away.
@Suite("a difference that is not read is no equality", .bounded)
struct UnseenChangeTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    /// Files of the old revision besides the common ones; a text that begins with `->` is a symbolic link.
    var old: [String: String] = [:]
    var new: [String: String] = [:]
    /// The directory that is compared.
    var path = ""
    var failOn = "any"
    let status: Int32
    /// A part of the report as text.
    let says: String
    var testDescription: String { name }
  }

  private static func deployment(_ name: String, _ spec: String = "") -> String {
    """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: \(name), namespace: shop}
    spec: {selector: {matchLabels: {app: \(name)}}, template: {metadata: {labels: {app: \(name)}}, spec: {\(spec)containers: [{name: c}]}}}

    """
  }

  private static let closed = """
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: rule, namespace: shop}
    spec: {podSelector: {}, policyTypes: [Ingress]}

    """
  private static let open = closed.replacing("policyTypes: [Ingress]", with: "ingress: [{}]")
  private static func cilium(_ spec: String) -> String {
    "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: shop}\nspec: {\(spec)}\n"
  }
  private static let chart = "apiVersion: v2\nname: c\nversion: 1.0.0\n"
  private static let pods = """
    apiVersion: v1
    kind: Pod
    metadata: {name: a, namespace: shop, labels: {app: a}}
    spec: {containers: [{name: c}]}
    status: {phase: Running, podIP: 10.0.0.1}

    """

  static let cases: [Case] = [
    Case(
      name: "values of a chart",
      old: ["c/Chart.yaml": chart, "c/values.yaml": "open: false\n"],
      new: ["c/Chart.yaml": chart, "c/values.yaml": "open: true\n"], status: 3,
      says: "SKIPPED  the Helm chart c, which differs"),
    Case(
      name: "values of a chart at the top",
      old: ["Chart.yaml": chart, "values.yaml": "open: false\n", "policy.yaml": ""],
      new: ["Chart.yaml": chart, "values.yaml": "open: true\n"], status: 3,
      says: "the Helm chart at the top, which differs"),
    Case(
      name: "a chart that stays as it is", old: ["c/Chart.yaml": chart], new: ["c/Chart.yaml": chart],
      status: 0, says: "same: no policy differs"),
    Case(
      name: "a kustomization that uses a policy no more",
      old: ["kustomization.yaml": "resources: [apps.yaml, policy.yaml]\n", "policy.yaml": closed],
      new: ["kustomization.yaml": "resources: [apps.yaml]\n", "policy.yaml": closed], status: 3,
      says: "no difference in what was read, and not everything was compared; 1 of 1 pod unchanged"),
    Case(
      name: "a patch of a kustomization at the top of a revision",
      old: ["kustomization.yaml": "patches: [{path: p.yaml}]\n", "p.yaml": closed, "policy.yaml": closed],
      new: ["kustomization.yaml": "patches: [{path: p.yaml}]\n", "p.yaml": open, "policy.yaml": closed],
      status: 3, says: "SKIPPED  the kustomization at the top, which differs"),
    Case(
      name: "a policy of another project that changes", old: ["c.yaml": cilium("ingress: []")],
      new: ["c.yaml": cilium("ingress: [{}]")], status: 3,
      says:
        "SKIPPED  policies of the kind CiliumNetworkPolicy, which differ and which netpolc does not enforce"
    ),
    Case(
      name: "a policy of another project that moves to another file", old: ["c.yaml": cilium("ingress: []")],
      new: ["d.yaml": cilium("ingress: []")], status: 0, says: "same: no policy differs"),
    Case(
      name: "a symbolic link to another policy",
      old: ["lib/a": closed, "lib/b": open, "p/np.yaml": "->../lib/a"],
      new: ["lib/a": closed, "lib/b": open, "p/np.yaml": "->../lib/b"], status: 1,
      says: "2 widened, 0 narrowed"),
    Case(
      name: "a symbolic link to another directory",
      old: ["lib/a/np.yaml": closed, "t/apps.yaml": deployment("web"), "t/p": "->../lib/a"],
      new: ["lib/b/np.yaml": open, "t/apps.yaml": deployment("web"), "t/p": "->../lib/b"], path: "t",
      status: 1, says: "2 widened, 0 narrowed"),
    Case(
      name: "a link to a file that is read already", old: ["np.yaml": closed, "z.yaml": "->np.yaml"],
      new: ["np.yaml": closed, "z.yaml": "->np.yaml"], status: 0, says: "same: no policy differs"),
    Case(
      name: "a link that leads nowhere", new: ["z.yaml": "->nothing"], status: 2,
      says: "z.yaml is a symbolic link to nothing in the revision"),
    Case(
      name: "a workload that comes onto the host network", old: ["np.yaml": closed],
      new: ["np.yaml": closed, "apps.yaml": deployment("api", "hostNetwork: true, ")], status: 1,
      says: "; 1 pod comes onto the host network, where no policy applies\n"),
    Case(
      name: "a new workload on the host network",
      new: ["agent.yaml": deployment("agent", "hostNetwork: true, ")], status: 1,
      says: "HOSTNET  shop/Deployment/agent: on the host network now, where no policy applies"),
    Case(
      name: "a port by a name that no pod has",
      old: ["np.yaml": open.replacing("[{}]", with: "[{ports: [{port: 80}]}]")],
      new: ["np.yaml": open.replacing("[{}]", with: "[{ports: [{port: 80}, {port: http}]}]")], status: 1,
      says: "TCP 80, now TCP 80; TCP \"http\"\n"),
    Case(
      name: "a block of a family that no pod has",
      old: [
        "apps.yaml": pods,
        "np.yaml": open.replacing("[{}]", with: "[{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]"),
      ],
      new: [
        "apps.yaml": pods,
        "np.yaml": open.replacing(
          "[{}]", with: "[{from: [{ipBlock: {cidr: 10.0.0.0/8}}, {ipBlock: {cidr: '::/0'}}]}]"),
      ], status: 0,
      says:
        "no effect on today's 1 pod; the policies differ, for addresses of IPv6 perhaps too, of which no pod has one"
    ),
    Case(
      name: "a pod at another address that no policy distinguishes from the old one",
      old: ["apps.yaml": pods, "np.yaml": closed],
      new: ["apps.yaml": pods.replacing("10.0.0.1", with: "10.0.9.9"), "np.yaml": open], status: 1,
      says: "WIDENED  outside 0.0.0.0/0 → shop/a (IPv4): nothing, now all traffic"),
    Case(
      name: "the same without another policy", old: ["apps.yaml": pods, "np.yaml": closed],
      new: ["apps.yaml": pods.replacing("10.0.0.1", with: "10.0.9.9"), "np.yaml": closed], status: 0,
      says: "same: no policy differs; 1 of 1 pod unchanged"),
    Case(
      name: "a pod that gets a second address", old: ["apps.yaml": pods, "np.yaml": closed],
      new: [
        "apps.yaml": pods.replacing("podIP: 10.0.0.1", with: "podIPs: [{ip: 10.0.0.1}, {ip: 'fd00::1'}]"),
        "np.yaml": closed,
      ], status: 3, says: "SKIPPED  addresses that one revision has alone, of shop/a"),
    Case(
      name: "a pod at an address that a policy distinguishes from the old one",
      old: [
        "apps.yaml": pods,
        "np.yaml": open.replacing("[{}]", with: "[{from: [{ipBlock: {cidr: 10.0.0.0/24}}]}]"),
      ],
      new: [
        "apps.yaml": pods.replacing("10.0.0.1", with: "10.0.9.9"),
        "np.yaml": open.replacing("[{}]", with: "[{from: [{ipBlock: {cidr: 10.0.0.0/24}}]}]"),
      ], status: 1, says: "MOVED    shop/a (1 pod at other addresses: compared as gone and new)"),
    Case(
      name: "a chart that changes beside a narrower policy, where only wider ones count",
      old: ["c/Chart.yaml": chart, "c/v.yaml": "a: 1\n"],
      new: ["c/Chart.yaml": chart, "c/v.yaml": "a: 2\n", "np.yaml": closed], failOn: "widened", status: 3,
      says: "0 widened, 2 narrowed"),
    Case(
      name: "a job whose name the server makes",
      new: [
        "job.yaml": """
        apiVersion: batch/v1
        kind: Job
        metadata: {generateName: migrate-, namespace: dev}
        spec: {template: {metadata: {labels: {app: m}}, spec: {containers: [{name: c}]}}}

        """
      ], status: 1, says: "NEW      dev/Job/migrate-*"),
  ]

  @Test("in git revisions", arguments: cases)
  func revisions(_ example: Case) throws {
    let folder = try TemporaryFolder()
    func git(_ arguments: String...) throws {
      let run = try CommandRun.named(
        "git", ["-c", "user.name=n", "-c", "user.email=e@example.com"] + arguments, in: folder.path("."))
      #expect(run.status == 0, "\(run.errors)")
    }
    try git("init", "-q", "-b", "main", ".")
    for files in [example.old, example.new] {
      try git("rm", "-rqf", "--ignore-unmatch", ".")
      let common = ["apps.yaml": Self.deployment("api")]
      for (name, text) in common.merging(files, uniquingKeysWith: { $1 }) {
        if text.hasPrefix("->") {
          try folder.link(name, to: String(text.dropFirst(2)))
        } else if !text.isEmpty {
          try folder.write(name, text)
        }
      }
      try git("add", "-A", ".")
      try git("commit", "-q", "--allow-empty", "-m", "one")
    }
    let run = try CommandRun.netpolc(
      "diff", "main~:\(example.path)", "main:\(example.path)", "--no-ruleset", "--fail-on",
      example.failOn, in: folder.path("."))
    #expect(run.status == example.status, "\(run.output) \(run.errors)")
    #expect((run.output + run.errors).contains(example.says), "\(run.output) \(run.errors)")
    // The checkout says the same as the revision that it is of.
    let same = try CommandRun.netpolc(
      "diff", "main:\(example.path)", "./\(example.path)", "--no-ruleset", in: folder.path("."))
    if example.status != 2 { #expect(same.output.hasPrefix("same: "), "\(same.output) \(same.errors)") }
  }
}
