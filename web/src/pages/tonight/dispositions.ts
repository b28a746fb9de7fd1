// How dispositions look on the board: colour, glyph, hatch and name; the order and the families are those of the design.
import type { Word } from '../../i18n';

export type GlyphName =
  | 'check'
  | 'half'
  | 'cross'
  | 'dash'
  | 'bars'
  | 'power'
  | 'bubble'
  | 'hash'
  | 'clock'
  | 'exclamation'
  | 'ring';

export interface Look {
  name: Word;
  colour: string;
  glyph: GlyphName;
  pattern?: 'hatch' | 'stripe';
}

const look = (zh: string, en: string, colour: string, glyph: GlyphName, pattern?: Look['pattern']): Look => ({
  name: [zh, en],
  colour: `var(--d-${colour})`,
  glyph,
  ...(pattern ? { pattern } : {}),
});

const LOOKS: Readonly<Record<string, Look>> = {
  completed: look('完成', 'Completed', 'complete', 'check'),
  partial: look('部分完成', 'Partial', 'partial', 'half', 'hatch'),
  refused: look('拒访', 'Refused', 'refused', 'cross'),
  opt_out: look('拒绝再呼', 'Opted out', 'refused', 'cross'),
  early_hangup: look('接通即挂', 'Hung up at once', 'refused', 'cross'),
  break_off: look('中途挂断', 'Broke off', 'refused', 'cross'),
  rejected: look('拒接', 'Declined', 'refused', 'cross'),
  no_answer: look('无人接听', 'No answer', 'noanswer', 'dash'),
  unreachable: look('无法接通', 'Unreachable', 'noanswer', 'dash'),
  silent: look('接通无声', 'Silent', 'noanswer', 'dash'),
  barred_in: look('呼入限制', 'Barred', 'noanswer', 'dash'),
  blocked: look('运营商拦截', 'Blocked', 'noanswer', 'dash'),
  forwarded_fail: look('转移失败', 'Forwarding failed', 'noanswer', 'dash'),
  busy: look('占线', 'Busy', 'busy', 'bars'),
  power_off: look('关机', 'Switched off', 'off', 'power'),
  assistant: look('来电助理', 'Assistant', 'assistant', 'bubble'),
  vacant: look('空号', 'Vacant', 'number', 'hash'),
  suspended: look('停机', 'Suspended', 'number', 'hash'),
  wrong_number: look('错号', 'Wrong number', 'number', 'hash'),
  number_changed: look('改号', 'Number changed', 'number', 'hash'),
  fax: look('传真', 'Fax', 'number', 'hash'),
  appointment: look('约定', 'Appointment', 'appointment', 'clock'),
  third_party: look('他人接听', 'Third party', 'appointment', 'clock'),
  network_busy: look('网络忙', 'Network busy', 'ours', 'exclamation', 'stripe'),
  own_line_fault: look('本方线路故障', 'Our line failed', 'ours', 'exclamation', 'stripe'),
  caller_id_bad: look('主叫不合法', 'Caller number refused', 'ours', 'exclamation', 'stripe'),
  misdialled: look('拨号有误', 'Misdialled', 'ours', 'exclamation', 'stripe'),
  interrupted: look('本方中断', 'Interrupted by us', 'ours', 'exclamation', 'stripe'),
  cancelled: look('人工取消', 'Cancelled by a person', 'ours', 'exclamation', 'stripe'),
  deceased: look('已去世', 'Deceased', 'quiet', 'ring'),
  incapable: look('无法应答', 'Incapable', 'quiet', 'ring'),
  language: look('语言不通', 'Language', 'quiet', 'ring'),
};

const UNKNOWN: Look = look('未知', 'Unknown', 'noanswer', 'dash');

export const lookOf = (disposition: string): Look => LOOKS[disposition] ?? UNKNOWN;
