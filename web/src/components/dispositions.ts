// How an attempt ended: word, family, colour and glyph of each disposition. Identifiers and Chinese words are the daemon's.
import type { Word } from '../i18n';

export type Family = 'answers' | 'decided' | 'not_reached' | 'bad_number' | 'promised' | 'ours' | 'quiet';

/** The families in the order of screens. */
export const families: readonly Family[] = [
  'answers',
  'decided',
  'not_reached',
  'bad_number',
  'promised',
  'ours',
  'quiet',
];

export type Glyph =
  | 'check'
  | 'half'
  | 'cross'
  | 'dash'
  | 'bars'
  | 'power'
  | 'bubble'
  | 'hash'
  | 'clock'
  | 'mark'
  | 'ring';
export type Fill = 'solid' | 'hatched' | 'striped' | 'outline';

interface DispositionLook {
  word: Word;
  family: Family;
  /** The variable of its colour. */
  colour: string;
  glyph: Glyph;
  fill: Fill;
}

type Look = [colour: string, glyph: Glyph, fill: Fill];

const complete: Look = ['--d-complete', 'check', 'solid'];
const partial: Look = ['--d-partial', 'half', 'hatched'];
const refused: Look = ['--d-refused', 'cross', 'solid'];
const away: Look = ['--d-noanswer', 'dash', 'solid'];
const busy: Look = ['--d-busy', 'bars', 'solid'];
const off: Look = ['--d-off', 'power', 'solid'];
const assistant: Look = ['--d-assistant', 'bubble', 'solid'];
const number: Look = ['--d-number', 'hash', 'solid'];
const promised: Look = ['--d-appointment', 'clock', 'solid'];
const ours: Look = ['--d-ours', 'mark', 'striped'];
const quiet: Look = ['--d-quiet', 'ring', 'outline'];

const is = (word: Word, family: Family, [colour, glyph, fill]: Look): DispositionLook => ({
  word,
  family,
  colour,
  glyph,
  fill,
});

const table = {
  completed: is(['完成', 'Completed'], 'answers', complete),
  partial: is(['部分完成', 'Partial'], 'answers', partial),
  refused: is(['拒访', 'Refused'], 'decided', refused),
  opt_out: is(['要求不再来电', 'Opted out'], 'decided', refused),
  break_off: is(['中途挂断', 'Broke off'], 'decided', refused),
  early_hangup: is(['接通即挂', 'Hung up at once'], 'decided', refused),
  rejected: is(['拒接', 'Declined'], 'decided', refused),
  silent: is(['接通无应答', 'Silent'], 'not_reached', away),
  no_answer: is(['无人接听', 'No answer'], 'not_reached', away),
  unreachable: is(['无法接通', 'Unreachable'], 'not_reached', away),
  busy: is(['占线', 'Busy'], 'not_reached', busy),
  power_off: is(['关机', 'Switched off'], 'not_reached', off),
  assistant: is(['语音信箱/助理', 'Voicemail or assistant'], 'not_reached', assistant),
  barred_in: is(['呼入限制', 'Incoming barred'], 'not_reached', away),
  blocked: is(['运营商拦截', 'Blocked by the operator'], 'not_reached', away),
  forwarded_fail: is(['呼叫转移失败', 'Forwarding failed'], 'not_reached', away),
  unknown: is(['未知', 'Unknown'], 'not_reached', away),
  vacant: is(['空号', 'Vacant number'], 'bad_number', number),
  suspended: is(['停机', 'Suspended number'], 'bad_number', number),
  wrong_number: is(['错号', 'Wrong number'], 'bad_number', number),
  number_changed: is(['改号', 'Number changed'], 'bad_number', number),
  fax: is(['传真', 'Fax'], 'bad_number', number),
  appointment: is(['预约', 'Appointment'], 'promised', promised),
  third_party: is(['他人接听', 'Third party'], 'promised', promised),
  network_busy: is(['网络忙', 'Network busy'], 'ours', ours),
  own_line_fault: is(['本方线路故障', 'Own line fault'], 'ours', ours),
  caller_id_bad: is(['主叫不合法', 'Caller number refused'], 'ours', ours),
  misdialled: is(['拨号方式不正确', 'Misdialled'], 'ours', ours),
  interrupted: is(['本方中断', 'Interrupted by us'], 'ours', ours),
  cancelled: is(['人工取消', 'Cancelled'], 'ours', ours),
  deceased: is(['已去世', 'Deceased'], 'quiet', quiet),
  incapable: is(['无法应答', 'Unable to answer'], 'quiet', quiet),
  language: is(['语言不通', 'Language'], 'quiet', quiet),
} satisfies Record<string, DispositionLook>;

type Disposition = keyof typeof table;

/** All of them, for filters. */
export const dispositions: readonly string[] = Object.keys(table);

/** How a disposition looks; one that this console does not know yet is shown by its identifier. */
export function lookOf(disposition: string): DispositionLook {
  return disposition in table
    ? table[disposition as Disposition]
    : is([disposition, disposition], 'not_reached', away);
}
