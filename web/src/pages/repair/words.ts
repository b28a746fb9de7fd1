import { defineWords } from '../../i18n';

export const words = defineWords({
  title: ['号码修复', 'Number repair'],
  patient: ['患者', 'Patient'],
  department: ['科室', 'Department'],
  campaign: ['任务', 'Campaign'],
  bad: ['问题号码', 'Bad numbers'],
  left: ['还可拨', 'Left to call'],
  called: ['来电线索', 'Called us from'],
  deadline: ['期限', 'Deadline'],
  outcome: ['个案', 'Follow-up'],
  open: ['未结', 'Open'],
  any: ['全部状态', 'All states'],
  state: ['号码状态', 'State of the number'],
  add: ['添加号码', 'Add a number'],
  requeue: ['重新排队', 'Queue again'],
  again: ['再打一轮', 'New round'],
  none: ['没有', 'none'],
  empty: ['没有要修复的号码。', 'No number needs repair.'],
  steps: [
    '问题号码 → 找到新号码 → 核对后添加 → 重新排队',
    'Bad number → find a new one → check and add it → queue again',
  ],
});
