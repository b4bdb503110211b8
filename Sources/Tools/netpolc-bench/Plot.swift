#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Lines over two logarithmic axes, as SVG.
struct Plot {
  /// One line of the plot.
  struct Series {
    let name: String
    let values: [Double]
  }

  let title: String
  let unit: String
  let sizes: [Double]
  let series: [Series]

  private static let colours = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#17becf"]
  private static let area = (left: 70.0, top: 40.0, width: 520.0, height: 340.0)

  /// The picture as SVG.
  var svg: String {
    let positive = series.flatMap(\.values).filter { $0 > 0 }
    guard let least = positive.min(), let most = positive.max(), let first = sizes.min(),
      let last = sizes.max()
    else { return "" }
    let (low, high) = (floor(log10(least)), ceil(log10(most)))
    let (start, end) = (floor(log10(first)), ceil(log10(last)))
    let area = Self.area
    func x(_ value: Double) -> Double {
      area.left + (log10(value) - start) / max(end - start, 1) * area.width
    }
    func y(_ value: Double) -> Double {
      area.top + area.height - (log10(value) - low) / max(high - low, 1) * area.height
    }
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 430" font-family="sans-serif" font-size="12">
      <rect width="800" height="430" fill="white"/>
      <text x="\(n(area.left))" y="22" font-size="15">\(title)</text>

      """
    for power in stride(from: low, through: high, by: 1) {
      let level = y(pow(10, power))
      text += """
        <line x1="\(n(area.left))" y1="\(n(level))" x2="\(n(area.left + area.width))" y2="\(n(level))" stroke="#ddd"/>
        <text x="\(n(area.left - 6))" y="\(n(level + 4))" text-anchor="end">\(label(power)) \(unit)</text>

        """
    }
    for power in stride(from: start, through: end, by: 1) {
      let place = x(pow(10, power))
      text += """
        <line x1="\(n(place))" y1="\(n(area.top))" x2="\(n(place))" y2="\(n(area.top + area.height))" stroke="#ddd"/>
        <text x="\(n(place))" y="\(n(area.top + area.height + 18))" text-anchor="middle">\(label(power)) pods</text>

        """
    }
    for (place, line) in series.enumerated() {
      let colour = Self.colours[place % Self.colours.count]
      let points = zip(sizes, line.values).filter { $0.1 > 0 }.map { "\(n(x($0.0))),\(n(y($0.1)))" }
      text += """
        <polyline points="\(points.joined(separator: " "))" fill="none" stroke="\(colour)" stroke-width="2"/>
        <text x="\(n(area.left + area.width + 14))" y="\(n(area.top + 14 + Double(place) * 20))" fill="\(colour)">\(line.name)</text>

        """
    }
    return text + "</svg>\n"
  }

  private func n(_ value: Double) -> String { Words.fixed(value, 1) }

  private func label(_ power: Double) -> String {
    power >= 0 ? Words.fixed(pow(10, power), 0) : Words.fixed(pow(10, power), Int(-power))
  }
}
