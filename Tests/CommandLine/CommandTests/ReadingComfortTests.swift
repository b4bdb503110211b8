import TestSupport
import Testing

@Suite("colours, summaries, and the words that name ends and ports", .bounded)
struct ReadingComfortTests {
  private static let folder = "review/a-stray-dash-opens-a-namespace"
  private static let revisions = [
    "diff", "\(folder)/old", "\(folder)/new", "--inventory", "review/inventory.yaml",
  ]

  /// Runs netpolc in `Fixtures/`, with only these variables about colours.
  private static func run(_ arguments: [String], _ variables: [String] = []) throws -> CommandRun {
    try CommandRun(
      "/usr/bin/env",
      ["-u", "NO_COLOR", "-u", "FORCE_COLOR"] + variables + [BuiltProgram.netpolc] + arguments,
      in: Fixtures.path(""))
  }

  @Test(
    "an option, then NO_COLOR, then FORCE_COLOR say whether there are colours; a file has none",
    arguments: [
      ([], [], false), (["FORCE_COLOR=1"], [], true), (["FORCE_COLOR=0"], [], false),
      (["FORCE_COLOR="], [], false), (["NO_COLOR=1", "FORCE_COLOR=1"], [], false),
      (["NO_COLOR=", "FORCE_COLOR=1"], [], true), (["NO_COLOR=1"], ["--color", "always"], true),
      (["FORCE_COLOR=1"], ["--color", "never"], false),
    ] as [([String], [String], Bool)])
  func colours(variables: [String], options: [String], isColoured: Bool) throws {
    let run = try Self.run(Self.revisions + options, variables)
    #expect(run.status == 1)
    #expect(run.output.contains("\u{1b}[") == isColoured)
  }

  @Test("--summary prints the numbers, -q nothing, and the status stays")
  func short() throws {
    let summary = try Self.run(Self.revisions + ["--summary"])
    #expect(
      summary.output
        == "2 widened, 0 narrowed, 6 of 9 pods unchanged; pods to come: 1 widened, 0 narrowed\n")
    #expect(summary.status == 1)
    let quiet = try Self.run(Self.revisions + ["-q"])
    #expect(quiet.output.isEmpty && quiet.status == 1)
  }

  private static let objects = """
    kind: Deployment
    apiVersion: apps/v1
    metadata: {name: cart, namespace: shop}
    spec: {template: {metadata: {labels: {app: cart}}, spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}}}
    ---
    kind: Pod
    apiVersion: v1
    metadata: {name: web, namespace: shop, labels: {app: web}}
    status: {phase: Running, podIP: 10.0.0.7}
    ---
    kind: Service
    apiVersion: v1
    metadata: {name: cart, namespace: shop}
    spec: {clusterIP: 10.96.0.9, selector: {app: cart}, ports: [{port: 80, targetPort: http}]}
    ---
    kind: NetworkPolicy
    apiVersion: networking.k8s.io/v1
    metadata: {name: cart, namespace: shop}
    spec: {podSelector: {matchLabels: {app: cart}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 8080}]}]}
    """

  @Test(
    "explain takes ends and ports as people write them",
    arguments: [
      ("shop/web shop/Deployment/cart 8080/TCP", 0), ("web cart 8080 -n shop", 0),
      ("web deploy/cart TCP/8080 -n shop", 0), ("web deploy/cart tcp/8081 -n shop", 1),
      ("web deploy/cart UDP/8080 -n shop", 1), ("web deploy/cart http -n shop", 0),
      ("web deploy/cart 8080-8081 -n shop", 1), ("app=web app=cart 8080 -n shop", 0),
      ("web svc/cart 80 -n shop", 0), ("web service/cart TCP/80 -n shop", 0), ("web shop/svc/cart 80", 2),
      ("shop/web shop/svc/cart 80", 0), ("shop/web 10.96.0.9 80", 0),
      ("10.0.0.7 deploy/cart 8080 -n shop", 0),
      ("10.0.0.0/29 deploy/cart 8080 -n shop", 1), ("deploy/cart 10.1.0.0/16 443 -n shop", 0),
      ("10.1.0.0/16 deploy/cart 8080 -n shop", 1), ("deploy/cart deploy/cart 8080 -n shop", 1),
      ("web deploy/other 8080 -n shop", 2), ("web deploy/cart smtp -n shop", 2),
      ("ingress-controller deploy/cart 8080 -n shop --ingress-controller ingress", 1),
      ("ingress-controller deploy/cart 8080 -n shop --ingress-controller shop/app=web", 0),
      ("ingress-controller deploy/cart 8080 -n shop", 2),
    ])
  func ends(words: String, status: Int32) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("all.yaml", Self.objects)
    var words = words.split(separator: " ").map(String.init)
    let options = words.firstIndex { $0.hasPrefix("-") } ?? words.endIndex
    words.insert(contentsOf: [file, "--pod-cidr", "10.0.0.0/24"], at: options)
    let run = try Self.run(["explain"] + words)
    #expect(run.status == status, "\(run.output)\(run.errors)")
  }
}
