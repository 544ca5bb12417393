// The tools there are, in the order they are listed.

let allTools: [any Tool] = [
  ListConnections(),
  ListSchemas(),
  ListObjects(),
  DescribeTable(),
  GetObjectDetails(),
  GetForeignKeys(),
  FindRelationships(),
  DBIdentity(),
  GetServerInfo(),
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
