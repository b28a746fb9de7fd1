import { defineWords } from '../../i18n';

export const words = defineWords({
  title: ['问题件', 'Tickets'],
  which: ['状态', 'State'],
  open: ['待办', 'Open'],
  inHand: ['办理中', 'In hand'],
  closed: ['已办结', 'Closed'],
  due: ['期限', 'Deadline'],
  patient: ['患者', 'Patient'],
  department: ['科室', 'Department'],
  text: ['问题', 'What is wrong'],
  from: ['提出', 'Opened'],
  by: ['{who} · {at}', '{who} · {at}'],
  done: ['处理结果', 'What was done'],
  hear: ['听通话', 'Hear the call'],
  take: ['我来办', 'Take'],
  close: ['办结', 'Close'],
  closeTitle: ['办结问题件', 'Close the ticket'],
  closeEffect: [
    '办结以后不能再改；结果留在这里和审计记录里。',
    'A closed ticket is not changed any more; the result stays here and in the audit log.',
  ],
  result: ['处理结果', 'What was done'],
  emptyOpen: ['没有待办的问题件。', 'No open ticket.'],
  emptyInHand: ['没有正在办理的问题件。', 'No ticket is in hand.'],
  emptyClosed: ['还没有办结的问题件。', 'No ticket has been closed yet.'],
  acts: ['操作', 'Acts'],
});
