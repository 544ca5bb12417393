// Memory that libpg_query takes and gives back for each statement, kept in the process.

enum ParserMemory {
  /// libpg_query takes some 600 KB for a statement of 200 lines. glibc hands so much back to the kernel at once, and
  /// getting it anew costs a third of the time of parsing. It keeps twice the size of the largest block that was
  /// mapped and freed, see M_MMAP_THRESHOLD in mallopt(3); so one such block is. Elsewhere this does nothing.
  static func keep() {
    let block = UnsafeMutableRawPointer.allocate(byteCount: keptBytes, alignment: 16)
    block.storeBytes(of: 0, as: UInt8.self)
    block.deallocate()
  }

  private static let keptBytes = 4 << 20
}
