// The commands there are, in the order help lists them.

let allCommands: [any Command] = [
  AdviseCommand(),
  TopCommand(),
  ExplainCommand(),
  JudgeCommand(),
  QueryCommand(),
  DoctorCommand(),
  CompletionsCommand(),
  ReferenceCommand(),
]
