import ArgumentParser
import Documents
import KubernetesManifests
import PolicyModel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension CompletionKind {
  /// The nodes of the inputs that the command line names.
  static let nodes = CompletionKind.custom { words, _, _ in
    let contents = CompletionInput(words).contents
    return Set(contents.nodes.map(\.name) + contents.pods.compactMap(\.node)).sorted()
  }

  /// The namespaces of the inputs that the command line names.
  static let namespaces = CompletionKind.custom { words, _, _ in
    let contents = CompletionInput(words).contents
    return Set(contents.namespaces.map(\.name) + contents.pods.map(\.namespace)).sorted()
  }
}

/// The inputs of a command line that is not complete yet, for the shells' completion.
struct CompletionInput {
  /// The files and directories to read, in the order of the command line.
  let paths: [String]

  /// The directory of the units' inventory, which is read where the command line names no file.
  static let standardInventory = "/var/lib/netpolc/inventory"

  /// Finds the inputs: the values of `--inventory` where there are any, else every word that is a file or a directory.
  ///
  /// - Parameter words: the words as the shell has them, the program and the command included.
  init(_ words: [String]) {
    let plain = words.dropFirst().map(Self.unquoted)
    var named: [String] = []
    for (place, word) in plain.enumerated() {
      if let value = Self.value(of: word, next: plain.dropFirst(place + 1)) { named.append(value) }
    }
    let files = (named.isEmpty ? plain.filter { !$0.hasPrefix("-") } : named).filter { access($0, R_OK) == 0 }
    let standard = access(Self.standardInventory, R_OK) == 0 ? [Self.standardInventory] : []
    paths = files.isEmpty ? standard : files
  }

  /// Reads the inputs. What cannot be read is left out: the command itself reports it.
  var contents: ManifestContents {
    ManifestReader(defaultNamespace: "default").read(ManifestLoader().loadTree(paths).sources).contents
  }

  /// The value of an option that names an inventory: the next word, or what follows the equals sign, which bash makes a
  /// word of its own.
  private static func value(of word: String, next: ArraySlice<String>) -> String? {
    for option in ["--inventory", "--old-inventory"] {
      if word == option { return next.first == "=" ? next.dropFirst().first : next.first }
      if word.hasPrefix(option + "=") { return String(word.dropFirst(option.count + 1)) }
    }
    return nil
  }

  /// A word without the shell's quotes and backslashes, and with the home directory for a leading tilde.
  static func unquoted(_ word: String) -> String {
    var text = ""
    var isEscaped = false
    for character in word {
      if isEscaped {
        text.append(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character != "'", character != "\"" {
        text.append(character)
      }
    }
    guard text.hasPrefix("~/"), let home = getenv("HOME") else { return text }
    return String(cString: home) + text.dropFirst()
  }
}
