// Rules 10 and 11: what a file begins with, and how long things are.

private let longestFile = 300
private let longestFunction = 60
private let longestLine = 120
/// Words for people run on where breaking them would hide what is said.
private let longestLineOfWords = 140

let formRules: [Rule] = [
  // Tests too: whoever looks for a test reads first lines.
  Rule("a file opens with what it is for") { files in
    files.filter { file in
      let comment = file.lines.prefix { $0.hasPrefix("// ") }
      let sentence = comment.prefix(1 + (comment.firstIndex { $0.hasSuffix(".") } ?? -1)).joined(separator: " ")
      return sentence.split(separator: " ").count < 4 || sentence.contains("swift-format")
    }.map { Offence(path: $0.path, line: 1, message: "does not open with a sentence on what it is for") }
  },
  .perFile("files are short") { file in
    file.lines.count > longestFile ? [(nil, "\(file.lines.count) lines")] : []
  },
  .perFile("functions are short") { file in
    file.functions.filter { $0.lineCount > longestFunction }.map { ($0.line, "\($0.name) has \($0.lineCount) lines") }
  },
  .perFile("lines are short") { file in
    file.lines.enumerated().filter { _, line in
      line.count > (line.contains("\"") || line.contains("//") ? longestLineOfWords : longestLine)
    }.map { ($0.offset + 1, "\($0.element.count) columns") }
  },
]
