// Names that more than one page says: roles, actions.
import type { Action, Role } from '../api/session';
import type { Word } from '../i18n';

export const roleNames: Record<Role, Word> = {
  administrator: ['管理员', 'Administrator'],
  supervisor: ['主管', 'Supervisor'],
  agent: ['坐席', 'Agent'],
  qa: ['质检', 'QA'],
  department_head: ['科室主任', 'Department head'],
  auditor: ['审计', 'Auditor'],
};

export const actionNames: Record<Action, Word> = {
  see_tonight: ['看今夜', 'See tonight'],
  run_campaigns: ['启停任务', 'Run campaigns'],
  see_campaigns: ['看任务与问卷', 'See campaigns'],
  see_patients: ['看患者', 'See patients'],
  reveal: ['显示完整字段', 'Show masked fields'],
  see_calls: ['看通话', 'See calls'],
  listen: ['听录音', 'Listen'],
  comment: ['批注与标记', 'Comment'],
  review: ['评分与签名', 'Review and sign'],
  design_scorecards: ['设计评分卡与抽样', 'Design scorecards'],
  correct_answers: ['更正答案', 'Correct answers'],
  export_evidence: ['导出证据包', 'Export evidence'],
  check_integrity: ['校验录音', 'Check integrity'],
  see_reports: ['看报表', 'See reports'],
  export_reports: ['导出报表', 'Export reports'],
  import: ['导入名单', 'Import lists'],
  keep_do_not_call: ['管理免打扰', 'Keep do-not-call'],
  repair_numbers: ['修复号码', 'Repair numbers'],
  keep_tickets: ['办理问题件', 'Handle tickets'],
  keep_people: ['管理用户', 'Manage people'],
  see_audit: ['看审计', 'See the audit log'],
  see_settings: ['看设置', 'See settings'],
  call: ['坐席呼叫', 'Call by hand'],
  keep_floor: ['看坐席', 'See the agents'],
  listen_in: ['监听', 'Listen in'],
  override_rules: ['放行规则外的呼叫', 'Let a call pass the rules'],
  keep_pause_reasons: ['管理小休原因', 'Keep reasons of breaks'],
};
