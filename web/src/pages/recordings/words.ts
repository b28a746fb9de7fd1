// The words of the recordings, Chinese first.

import { defineWords, type Word } from '../../i18n';
import type { Filter, ViewId } from './search';

export const words = defineWords({
  title: ['录音', 'Recordings'],
  exactly: ['{n} 通', '{n} {n:call|calls}'],
  atLeast: ['约 {n} 通以上', 'about {n} calls or more'],
  counting: ['正在数…', 'counting…'],
  saveView: ['存为视图', 'Save view'],
  viewName: ['视图的名字', 'Name of the view'],
  save: ['保存', 'Save'],
  removeView: ['删除视图“{name}”', 'Remove the view “{name}”'],
  views: ['视图', 'Views'],
  filters: ['筛选', 'Filters'],
  clear: ['清除筛选', 'Clear filters'],
  time: ['时间', 'Time'],
  patient: ['患者', 'Patient'],
  departmentDoctor: ['科室 / 医生', 'Department / doctor'],
  result: ['结果', 'Result'],
  scores: ['得分', 'Scores'],
  length: ['时长', 'Length'],
  flags: ['标记', 'Flags'],
  review: ['质检', 'Review'],
  hear: ['听', 'Hear'],
  hearLowest: ['听最低分前后 5 秒', 'Hear 5 s around the lowest score'],
  pause: ['暂停', 'Pause'],
  deleted: ['录音已按期限删除', 'Recording deleted by its rule'],
  missing: ['录音暂时取不到', 'Recording unavailable'],
  none: ['没有录音', 'No recording'],
  preview: ['最低分的 5 秒', '5 s of the lowest score'],
  previewEmpty: [
    '选一通电话，按空格听最低分的 5 秒，按 Enter 打开回放。',
    'Choose a call: Space plays the 5 s of its lowest score, Enter opens the replay.',
  ],
  noScore: [
    '这通电话没有打分的题。按 Enter 打开回放。',
    'This call has no scored answer. Enter opens the replay.',
  ],
  open: ['打开回放', 'Open replay'],
  atMoment: ['{at} 按键', 'key at {at}'],
  empty: ['没有符合的录音。', 'No recordings fit.'],
  emptyAll: [
    '还没有录音。接通的电话会出现在这里。',
    'There are no recordings yet. Answered calls will be here.',
  ],
  removeFilter: ['去掉“{filter}”可得 {n} 条', 'Without “{filter}”: {n}'],
  removeFilterMore: ['去掉“{filter}”可得 {n} 条以上', 'Without “{filter}”: {n} or more'],
  failed: ['录音列表暂时读不出来。', 'The list of recordings cannot be read just now.'],
  retry: ['重试', 'Retry'],
  number: ['编号', 'number'],
  searching: ['还在更早的通话里找…', 'Looking through earlier calls…'],
  list: ['录音列表', 'List of recordings'],
  newest: ['最新在前', 'Newest first'],
  lowestFirst: ['最低分在前', 'Lowest score first'],
  order: ['顺序', 'Order'],
  points: ['{n} 分及以下', '{n} points or less'],
  minutesOrMore: ['{n} 分钟及以上', '{n} min or more'],
  findText: ['就诊号或号码后四位', 'Visit number or last 4 digits'],
  nextRow: ['下一行', 'next row'],
  previousRow: ['上一行', 'previous row'],
  openRow: ['打开回放', 'open replay'],
});

export const filterNames: Readonly<Record<Filter, Word>> = {
  text: ['就诊号或后四位', 'Visit or last 4'],
  from: ['起', 'From'],
  to: ['止', 'To'],
  campaign: ['任务', 'Campaign'],
  department: ['科室', 'Department'],
  doctor: ['医生', 'Doctor'],
  disposition: ['结果', 'Result'],
  cause: ['原因', 'Cause'],
  score_at_most: ['得分', 'Score'],
  score_at_least: ['得分下限', 'Score at least'],
  flag: ['标记', 'Flag'],
  agent: ['坐席', 'Agent'],
  length_at_least_ms: ['时长', 'Length'],
  length_at_most_ms: ['时长上限', 'Length at most'],
  review: ['质检', 'Review'],
};

export const viewNames: Readonly<Record<ViewId, Word>> = {
  lowest: ['最低分', 'Lowest score'],
  complaint: ['投诉相关', 'Complaints'],
  break_off: ['中途挂断', 'Broke off'],
  spoken: ['有口述', 'Spoken'],
  all: ['全部', 'All'],
};

export const reviewNames: Readonly<Record<'none' | 'due' | 'draft' | 'signed' | 'appealed', Word>> = {
  none: ['—', '—'],
  due: ['待评', 'Due'],
  draft: ['草稿', 'Draft'],
  signed: ['已签名', 'Signed'],
  appealed: ['申诉', 'Appealed'],
};

export const flagNames: Readonly<Record<string, Word>> = {
  low_score: ['低分', 'Low score'],
  spoken: ['口述', 'Spoken'],
  complaint: ['投诉', 'Complaint'],
  all_same_key: ['全部同键', 'All keys equal'],
  faster_than_prompt: ['快于提示音', 'Faster than prompt'],
  attention: ['需关注', 'Attention'],
  example: ['范例', 'Example'],
  bad_sound: ['声音有问题', 'Bad sound'],
};
