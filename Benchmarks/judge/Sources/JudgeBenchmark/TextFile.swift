// Files read whole.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum TextFile {
  struct Unreadable: Error { let path: String }

  static func contents(of path: String) throws -> String {
    guard let file = fopen(path, "r") else { throw Unreadable(path: path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// In KiB: the second word of /proc/self/statm; 0 where there is none.
  static func residentMemory() -> Int {
    let words = (try? contents(of: "/proc/self/statm"))?.split(separator: " ") ?? []
    let pages = words.count > 1 ? Int(words[1]) ?? 0 : 0
    return pages * Int(sysconf(Int32(_SC_PAGESIZE))) / 1_024
  }
}
