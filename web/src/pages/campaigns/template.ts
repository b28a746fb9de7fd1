// What a new campaign begins with. The names are to be changed; the check says what does not fit.
export const TEMPLATE = `# 回访任务 campaign. docs/operations.md lists every setting.
name = "出院 7 日回访"
dialplan = "inpatient-satisfaction.toml"
trunk = "main"
due_after = "7d"
deadline_after = "14d"
lines = 10
pace = 1.0
budget = 5

[windows]
every_day = ["18:30-20:30"]
`;
