import TestSupport
import Testing

@Suite("a GitOps tree as it is", .bounded)
struct TreeTests {
  static let policy = """
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: web, namespace: shop}
    spec: {podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: api}}}]}]}

    """
  static let workloads = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: shop}
    spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c}]}}}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: api, namespace: shop}
    spec: {selector: {matchLabels: {app: api}}, template: {metadata: {labels: {app: api}}, spec: {containers: [{name: c}]}}}

    """

  /// A tree with what people keep beside manifests.
  private func tree() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("tree/policy.yaml", Self.policy)
    try folder.write("tree/apps.yaml", Self.workloads)
    try folder.write(
      "tree/kustomization.yaml", "resources: [policy.yaml, apps.yaml]\npatches: [{path: patch.yaml}]\n")
    try folder.write(
      "tree/patch.yaml", Self.policy.replacing("app: api", with: "app: other"))
    try folder.write("tree/chart/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n")
    try folder.write("tree/chart/values.yaml", "replicas: 1\n")
    try folder.write("tree/chart/templates/np.yaml", "kind: {{ .Values.kind }}\n{{- if }}\n")
    try folder.write("tree/.github/workflows/ci.yaml", "name: ci\non: push\njobs: {}\n")
    try folder.write("tree/json-patch.yaml", "- {op: replace, path: /spec, value: 1}\n")
    try folder.write("tree/package.json", "{\"name\": \"x\"}\n")
    return folder
  }

  @Test("what is no manifest is left out, counted and told; the rest is read")
  func leftOut() throws {
    let folder = try tree()
    let run = try CommandRun.netpolc("list", "tree", in: folder.path("."))
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("shop/Deployment/api → shop/Deployment/web: all traffic"), "\(run.output)")
    for words in [
      "left-out-helm-chart", "helm template tree/chart", "left-out-kustomization", "kubectl kustomize tree",
      "left-out-kustomization-part", "tree/patch.yaml", "left-out-no-object", "3 documents",
    ] {
      #expect(run.errors.contains(words), "\(words) in \(run.errors)")
    }
    let strict = try CommandRun.netpolc("list", "tree", "--strict", in: folder.path("."))
    #expect(strict.status == 2)
  }

  @Test("a misspelt kind, and an object without one, stay errors")
  func errors() throws {
    let folder = try tree()
    try folder.write(
      "tree/bad.yaml", Self.policy.replacing("kind: NetworkPolicy", with: "kind: NetworkPolcy"))
    try folder.write("tree/none.yaml", Self.policy.replacing("kind: NetworkPolicy\n", with: ""))
    try folder.write(
      "tree/neither.yaml",
      Self.policy.replacing("kind: NetworkPolicy\n", with: "").replacing(
        "apiVersion: networking.k8s.io/v1\n", with: ""))
    let run = try CommandRun.netpolc("list", "tree", in: folder.path("."))
    #expect(run.status == 2)
    for words in ["did you mean NetworkPolicy?", "tree/none.yaml:1:1", "tree/neither.yaml:1:1"] {
      #expect(run.errors.contains(words), "\(words) in \(run.errors)")
    }
  }

  @Test("--exclude, .netpolcignore and .netpolc.yaml leave files out, which is told")
  func exclusions() throws {
    let folder = try tree()
    try folder.write("tree/broken/bad.yaml", "a: [\n")
    #expect(try CommandRun.netpolc("list", "tree", in: folder.path(".")).status == 2)
    let run = try CommandRun.netpolc("list", "tree", "--exclude", "broken/", in: folder.path("."))
    #expect(
      run.status == 0 && run.errors.contains("left out 1 file excluded by \"broken/\""), "\(run.errors)")
    try folder.write("tree/.netpolcignore", "# a comment\n/broken\n")
    #expect(try CommandRun.netpolc("list", "tree", in: folder.path(".")).status == 0)
    try folder.write("tree/.netpolcignore", "")
    try folder.write(
      ".netpolc.yaml", "apiVersion: netpolc/v1\nkind: Config\npaths: [tree]\nexclude: [\"tree/broken/**\"]\n")
    let configured = try CommandRun.netpolc("list", in: folder.path("."))
    #expect(configured.status == 0, "\(configured.errors)")
    #expect(configured.output.contains("shop/Deployment/api → shop/Deployment/web"))
    try folder.write(".netpolc.yaml", "apiVersion: netpolc/v1\nkind: Config\nexlude: []\n")
    let misspelt = try CommandRun.netpolc("list", "tree", in: folder.path("."))
    #expect(
      misspelt.status == 2 && misspelt.errors.contains("unknown field \"exlude\""), "\(misspelt.errors)")
    let useless = try CommandRun.netpolc(
      "list", "tree", "--exclude", "broken", "--exclude", "nothing-here", in: folder.path("."))
    #expect(useless.errors.contains("\"nothing-here\" excludes no file"), "\(useless.errors)")
    #expect(!useless.errors.contains("\"broken\" excludes no file"), "\(useless.errors)")
  }

  @Test("a pattern is useless only where no path of the command has a file of it")
  func uselessExclusions() throws {
    let folder = try tree()
    try folder.write("old/policy.yaml", Self.policy)
    let compared = try CommandRun.netpolc(
      "diff", "old", "tree", "--exclude", "chart", "--exclude", "!chart/keep.yaml", "--exclude", "absent",
      in: folder.path("."))
    #expect(compared.errors.contains("\"absent\" excludes no file"), "\(compared.errors)")
    #expect(!compared.errors.contains("chart\" excludes no file"), "\(compared.errors)")
    #expect(!compared.errors.contains("keep.yaml"), "\(compared.errors)")
    let inventory = try CommandRun.netpolc(
      "list", "old", "--inventory", "tree", "--exclude", "policy.yaml", "--exclude", "chart",
      in: folder.path("."))
    #expect(!inventory.errors.contains("excludes no file"), "\(inventory.errors)")
  }

  @Test("what helm template prints is read, and its comments are the places")
  func rendered() throws {
    let folder = try TemporaryFolder()
    let output = "---\n# Source: shop/templates/np.yaml\n" + Self.policy.replacing("app: api", with: "app: [")
    let run = try CommandRun.netpolc("list", "-", input: output, in: folder.path("."))
    #expect(run.status == 2 && run.errors.contains("(rendered from shop/templates/np.yaml)"), "\(run.errors)")
  }

  @Test("suppressions of the settings count in lint, with a rule and a reason")
  func suppressions() throws {
    let folder = try tree()
    try folder.write(
      ".netpolc.yaml",
      "apiVersion: netpolc/v1\nkind: Config\nsuppress: [{rule: no-default-deny, reason: open on purpose, files: \"tree/*\"}]\n"
    )
    let run = try CommandRun.netpolc("lint", "tree", in: folder.path("."))
    #expect(run.output.contains("1 suppressed") && !run.output.contains("[no-default-deny]"), "\(run.output)")
    try folder.write(
      ".netpolc.yaml", "apiVersion: netpolc/v1\nkind: Config\nsuppress: [{rule: no-such, reason: because}]\n")
    #expect(try CommandRun.netpolc("lint", "tree", in: folder.path(".")).status == 2)
  }
}
