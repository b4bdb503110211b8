extension Browser {
  /// The visible texts whose contrast with what is behind them is less than 4.5:1, as WCAG 2.2 (1.4.3) counts it, each with
  /// its ratio. Empty for a readable page.
  ///
  /// - Parameter place: a selector of the elements that are looked at, with all that they contain.
  /// - Returns: the texts with their ratios.
  /// - Throws: where the browser does not answer.
  func unreadable(in place: String = "body") throws -> [String] {
    let script = """
      (() => {
        const parts = text => (text.match(/[\\d.]+/g) ?? []).map(Number);
        const over = (front, back) => {
          const share = front[3] ?? 1;
          return [0, 1, 2].map(place => front[place] * share + back[place] * (1 - share));
        };
        const behind = element => element
          ? over(parts(getComputedStyle(element).backgroundColor), behind(element.parentElement))
          : matchMedia('print').matches || matchMedia('(prefers-color-scheme: light)').matches ? [255, 255, 255] : [18, 18, 18];
        const light = colour => colour.map(value => value / 255)
          .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
          .reduce((sum, value, place) => sum + value * [0.2126, 0.7152, 0.0722][place], 0);
        const found = [];
        for (const root of document.querySelectorAll(\(Self.quoted(place)))) {
          const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const element = walker.currentNode.parentElement;
            if (!walker.currentNode.data.trim() || !element.checkVisibility({ visibilityProperty: true })) continue;
            const back = behind(element);
            const [less, more] = [light(over(parts(getComputedStyle(element).color), back)), light(back)].sort((a, b) => a - b);
            const ratio = (more + 0.05) / (less + 0.05);
            if (ratio < 4.5) found.push(`${walker.currentNode.data.trim()}: ${ratio.toFixed(2)}`);
          }
        }
        return found;
      })()
      """
    return try value(script) as? [String] ?? ["no answer"]
  }
}
