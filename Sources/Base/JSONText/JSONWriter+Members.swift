extension JSONWriter {
  /// Writes a member of an object: a key with a string.
  public mutating func pair(_ key: String, _ value: String) {
    self.key(key)
    string(value)
  }

  /// Writes a member of an object: a key with a whole number.
  public mutating func pair(_ key: String, _ value: Int) {
    self.key(key)
    number(value)
  }

  /// Writes a member of an object: a key with a truth value.
  public mutating func pair(_ key: String, _ value: Bool) {
    self.key(key)
    bool(value)
  }

  /// Writes a member of an object: a key with an array of strings.
  public mutating func list(_ key: String, _ values: [String]) {
    self.key(key)
    array { json in for value in values { json.string(value) } }
  }
}
