// The commands there are, in the order help lists them.

let allCommands: [any Command] = [
  AdviseCommand(),
  TopCommand(),
  HealthCommand(),
  ExplainCommand(),
  JudgeCommand(),
  QueryCommand(),
  PreflightCommand(),
  DoctorCommand(),
  ServeCommand(),
  AuditCommand(),
  ProposalsCommand(),
  ConfigCommand(),
  PolicyCommand(),
  CompletionsCommand(),
  ReferenceCommand(),
]
