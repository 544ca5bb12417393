// The verdict on what never came to be judged.

extension Verdict {
  /// A text that could not be read or looked up: rejected, since nothing about it is proven.
  package init(rejecting rule: String, because message: String, wayOut: String?) {
    self.init(isRejected: true, rule: rule, message: message, wayOut: wayOut)
  }
}
