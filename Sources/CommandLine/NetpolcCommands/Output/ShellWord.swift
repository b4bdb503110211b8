import PolicyModel
import Wording

/// A word of a command for people to paste into a shell.
enum ShellWord {
  /// The word, in quotes where the shell would take a character of it for more than itself.
  static func quoted(_ word: String) -> String {
    let plain = ForeignText(word).visible
    let isPlain = plain.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
      default: "_./:=@%+,-".utf8.contains(byte)
      }
    }
    return isPlain && !plain.isEmpty ? plain : "'\(plain.replacing("'", with: "'\\''"))'"
  }
}

extension EnforcementModes {
  /// The options of `compile` that ask for the modes. Sources that are not checked are none: routes tell them.
  var commandLine: [String] {
    var modes = self
    modes.uncheckedSources = []
    return modes.options
  }

  /// The modes for people: the options, and the number of sources that are not checked.
  var words: String {
    let options = commandLine.joined(separator: " ")
    if uncheckedSources.isEmpty || sourceCheck == .off { return options }
    return "\(options) (\(Counting.of(uncheckedSources.count, "source")) not checked, for want of a route)"
  }
}
