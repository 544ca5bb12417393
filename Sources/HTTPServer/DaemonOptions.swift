// The options of libmicrohttpd's daemon, as a list.

internal import CMicroHTTPD

struct DaemonOptions {
  private var items: [MHD_OptionItem] = []

  mutating func add(_ option: MHD_OPTION, _ value: Int) {
    items.append(MHD_OptionItem(option: option, value: value, ptr_value: nil))
  }

  /// The memory must stay while the daemon starts.
  mutating func add(_ option: MHD_OPTION, _ pointer: UnsafeRawPointer?) {
    items.append(MHD_OptionItem(option: option, value: 0, ptr_value: UnsafeMutableRawPointer(mutating: pointer)))
  }

  func withItems<Result>(_ body: (UnsafePointer<MHD_OptionItem>) -> Result) -> Result {
    let end = MHD_OptionItem(option: .END, value: 0, ptr_value: nil)
    // Never empty: it has an end.
    return (items + [end]).withUnsafeBufferPointer { $0.baseAddress.map(body) ?? withUnsafePointer(to: end, body) }
  }
}
