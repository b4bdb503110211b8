import Wording

/// A whole page: one file that loads nothing, neither from the network nor from a disk.
enum Page {
  /// The scripts of a page, in the order in which they use each other.
  enum Script {
    /// The page about one revision.
    case connectivity
    /// The page about two revisions.
    case difference

    fileprivate var files: [[UInt8]] {
      let shared = [
        PackageResources.data_js, PackageResources.cause_js, PackageResources.grid_js,
        PackageResources.matrix_js,
      ]
      return switch self {
      case .connectivity: shared + [PackageResources.tables_js, PackageResources.connectivity_js]
      case .difference: shared + [PackageResources.difference_js]
      }
    }
  }

  /// Puts a page together.
  ///
  /// - Parameters:
  ///   - title: the title, as plain text.
  ///   - body: the elements of the body, with a line feed at the end.
  ///   - data: JSON without `<`, which the scripts read.
  ///   - script: the scripts that work on it.
  /// - Returns: the page's text.
  static func text(title: String, body: HTMLText, data: String, script: Script) -> String {
    PageTemplate(PackageResources.page_html).filled([
      "title": HTMLText(foreign: title), "style": own([PackageResources.page_css]), "body": body,
      "data": HTMLText(trusted: data), "script": own(script.files),
    ]).text
  }

  /// Files of this module, one after the other.
  private static func own(_ files: [[UInt8]]) -> HTMLText {
    HTMLText(trusted: files.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n"))
  }
}
