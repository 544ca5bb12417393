// What EXPLAIN ANALYZE says of a node beside times and rows, in a few words.

import Database

/// Lines for the figures that say something: zeros are left out.
struct RunFindings {
  private var values: [String: String] = [:]

  init(_ node: Plan.Node) {
    for (label, text) in node.details where text != "0" { values[label] = text }
  }

  var lines: [String] { [removed, sorted, hashed, heap, workers, buffers, log].compactMap { $0 } }

  private var removed: String? {
    let parts = ["Rows Removed by Filter", "Rows Removed by Join Filter", "Rows Removed by Index Recheck"]
      .compactMap { label in values[label].map { "\(label): \($0)" } }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  private var sorted: String? {
    guard let method = values["Sort Method"] else { return nil }
    guard let size = values["Sort Space Used"], let place = values["Sort Space Type"] else { return "Sort: \(method)" }
    return "Sort: \(method), \(size) kB of \(place.lowercased())"
  }

  private var hashed: String? {
    let parts = [
      values["Hash Batches"].map { "\($0) batches" }, values["HashAgg Batches"].map { "\($0) batches" },
      values["Peak Memory Usage"].map { "\($0) kB of memory" }, values["Disk Usage"].map { "\($0) kB of disk" },
    ].compactMap { $0 }
    return parts.isEmpty ? nil : "Hash: " + parts.joined(separator: ", ")
  }

  private var heap: String? {
    let parts = ["Heap Fetches", "Exact Heap Blocks", "Lossy Heap Blocks"]
      .compactMap { label in values[label].map { "\(label): \($0)" } }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  private var workers: String? {
    guard let planned = values["Workers Planned"] else { return nil }
    return "Workers: \(values["Workers Launched"] ?? "0") of \(planned)"
  }

  private var buffers: String? {
    let kinds = ["Shared", "Local", "Temp"].compactMap { kind -> String? in
      let parts = ["Hit", "Read", "Dirtied", "Written"].compactMap { what in
        values["\(kind) \(what) Blocks"].map { "\(what.lowercased()) \($0)" }
      }
      return parts.isEmpty ? nil : "\(kind.lowercased()) \(parts.joined(separator: " "))"
    }
    return kinds.isEmpty ? nil : "Buffers: " + kinds.joined(separator: ", ")
  }

  private var log: String? {
    guard let records = values["WAL Records"] else { return nil }
    return "WAL: \(records) records" + (values["WAL Bytes"].map { ", \($0) bytes" } ?? "")
  }
}
