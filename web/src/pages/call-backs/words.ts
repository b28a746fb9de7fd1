import { defineWords, type Word } from '../../i18n';

export const words = defineWords({
  title: ['来电', 'Calls to us'],
  context: ['打进来的电话，和每个电话的结果', 'Who called us, and what became of each call'],
  at: ['时间', 'When'],
  who: ['来电者', 'Caller'],
  number: ['号码', 'Number'],
  withheld: ['隐藏号码', 'Withheld'],
  stranger: ['未登记', 'Not known'],
  others: ['同号还有 {n} 人', '{n} others with this number'],
  campaign: ['任务', 'Campaign'],
  became: ['结果', 'Became'],
  wish: ['约定', 'Wanted at'],
  message: ['留言', 'Message'],
  play: ['播放', 'Play'],
  open: ['打开录音', 'Open the call'],
  seen: ['处理', 'Seen to'],
  see: ['已处理', 'Done'],
  all: ['全部', 'All'],
  unseen: ['待处理', 'To be seen to'],
  which: ['处理状态', 'Which'],
  empty: ['没有来电。', 'Nobody has called.'],
});

export const outcomes: Readonly<Record<string, Word>> = {
  turned_away: ['未接听', 'Turned away'],
  under_way: ['通话中', 'On the line'],
  agent: ['坐席接听', 'Agent answered'],
  questionnaire: ['继续随访', 'Follow-up went on'],
  wish: ['预约回电', 'Wants to be called'],
  message: ['留言', 'Left a message'],
  nothing: ['未留言', 'Left nothing'],
};
