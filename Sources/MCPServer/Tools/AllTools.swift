// The tools there are, in the order they are listed.

let allTools: [any Tool] = [
  ListConnections(),
  ListSchemas(),
  ListObjects(),
  DescribeTable(),
  Query(),
  WriteData(),
  RunDDL(),
  RunAdmin(),
  ExecuteSQL(),
  ExplainQuery(),
  GetTopQueries(),
  AnalyzeQueryIndexes(),
  AnalyzeWorkloadIndexes(),
  AnalyzeDBHealth(),
]
