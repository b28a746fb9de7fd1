// The faults of a campaign's text in Chinese, by the kinds of the daemon (src/document/wrong.rs); its own sentence is the English one.
import type { Language } from '../../i18n';
import { say } from '../../i18n';
import type { Detail } from './states';

export type Fault = Detail['faults'][number];

/** What is wrong, and every kind of it. */
export const faults: Readonly<Record<string, string>> = {
  not_toml: '不符合 TOML 格式：{why}',
  misspelt_key: '没有 `{key}` 这个键；是不是 `{near}`？',
  unknown_key: '没有 `{key}` 这个键；可用的有 {known}',
  missing: '缺少 `{key}`；应为{expected}',
  wrong_type: '`{key}` 是{found}；应为{expected}',
  empty: '`{key}` 是空的；应有文字',
  not_parsed: '`{key}` 的值不对；应为{expected}',
  not_one_of: '`{key}` 是“{found}”；应为其中之一：{choices}',
  misspelt_word: '`{key}` 是“{found}”；应为其中之一：{choices}；是不是“{near}”？',
  not_whole: '`{key}` 是 {found}；应为 {low} 到 {high} 的整数',
  not_number: '`{key}` 是 {found}；应为 {low} 到 {high} 的数',
  not_duration: '`{key}` 是“{found}”；应为“{low}”到“{high}”的时长（单位 ms、s、m、h、d）',
  trunk_and_trunks: '`trunk` 与 `trunks` 不能同时出现，只留其一',
  trunk_twice: '中继“{name}”出现了两次',
  no_trunk: '`{key}` 是空的；至少写一条中继的名称',
  unknown_trunk: '设置里没有中继“{name}”；现有 {known}',
  unknown_dialplan: '数据库里没有问卷“{name}”；用 `aftercall campaign add` 可随任务一起加入',
  not_a_caller: '“{found}”不是电话号码；应为该中继 `callers` 中的一个',
  unknown_disposition: '没有结果码 `{name}`；全部结果码见 docs/outcomes.md',
  not_a_pause:
    '“{found}”不是间隔；应为 "90s"、"15m"、"3h"、"1d"、"1d_other_part"、"next_window" 或 "next_night" 一类',
  final_disposition: '结果为 `{disposition}` 的不再呼叫',
  too_many_retries: '`{disposition}` 的 `max` 最多 {most}，现为 {found}',
  too_many_unknown: '`{disposition}` 的 `max` 最多 {most}，现为 {found}：没人知道患者听到了什么',
  retry_without_pause: '`{disposition}` 要再呼，须写 `after`，例如 "1d"',
  not_a_cap: '`{key}` 是“{found}”；应为次数与时长，例如 "5 in 24h"',
  cap_of_stretch: '`{key}` 是“{found}”；时长应在“{low}”到“{high}”之间',
  cap_too_loose:
    '`{key}` 是“{found}”，但运营商最多允许 {held}；应写更严的上限（本机回环的中继可用 carrier_caps = "off" 去掉运营商的上限）',
  calls_the_dead: '不呼叫已去世的患者：`deceased` 总是 "close"，这里写什么都一样',
  not_a_span: '“{found}”不是时段；应为当天的起止时刻，例如 "09:00-12:00"，止晚于起',
  windows_overlap: '时段 {first} 与 {second} 重叠',
  no_window: '哪一天都没有外呼时段',
  illegal_window: '时段 {window} 超出 08:00-21:00，此外的时间不得呼叫',
  seasons_overlap: '季节 {first} 与 {second} 重叠',
  date_twice: '{date} 出现了两次',
  windows_and_closed: '`windows` 与 `closed = true` 只能写一个，这里两个都有',
  closed_is_false: '`closed` 是 false；应写 `windows` 或 `closed = true`',
  neither_windows_nor_closed: '`windows` 与 `closed = true` 须写一个，这里都没有',
  ends_before_it_begins: '`to` 是 {to}；应为 {from} 或以后的日期',
  days_replaced: '这里的日子取代之前写的全部日子，其中有 {days}：如仍有效，这里也要写上',
  year_without_window: '自 {date} 起一年内没有外呼时段：不会呼叫任何人',
  numbers_never_called: '{numbers} 号码永远不会被呼叫：它的时段与 [windows] 没有共同的时间',
  numbers_not_called_from: '自 {date} 起一年内不会呼叫 {numbers} 号码：它的时段与 [windows] 没有共同的时间',
};

/** What should stand there. */
export const expected: Readonly<Record<string, string>> = {
  text: '文字',
  quoted_text: '引号中的文字',
  number: '数',
  whole: '整数',
  whole_within: ' {low} 到 {high} 的整数',
  flag: ' true 或 false',
  one_of: '其中之一：{choices}',
  duration: '时长，例如 "8s"',
  table: '表 [{key}]',
  tables: '表的数组 [[{key}]]',
  date: '日期，例如 "{example}"',
  day_of_year: '一年中的某一天，例如 "06-01"',
  after_discharge: '出院后的时间，例如 "7d"、"7wd"（工作日）或 "48h"',
  after_due: '到期后的时间，至少 "1h"，例如 "14d"、"5wd"（工作日）或 "48h"',
};

/** Of which type a value is. */
export const found: Readonly<Record<string, string>> = {
  text: '文字',
  whole: '整数',
  fraction: '小数',
  flag: ' true 或 false',
  date: '日期',
  array: '数组',
  table: '表',
};

const parts: Readonly<Record<string, Readonly<Record<string, string>>>> = { expected, found };

/** A fault in the language of the screen; one that this console does not know is shown as the daemon says it. */
export function sayFault({ message, wrong }: Fault, language: Language): string {
  return say([inChinese(faults, wrong) ?? message, message], language);
}

function inChinese(words: Readonly<Record<string, string>>, phrase: object): string | undefined {
  const { kind, ...values } = phrase as { kind?: unknown } & Record<string, unknown>;
  const word = typeof kind === 'string' ? words[kind] : undefined;
  if (word === undefined) return undefined;
  const said = Object.entries(values).map(([name, value]) => {
    const isPhrase = typeof value === 'object' && value !== null;
    return [name, isPhrase ? (inChinese(parts[name] ?? {}, value) ?? textOf(value)) : String(value)] as const;
  });
  return say([word, word], 'zh', Object.fromEntries(said));
}

/** What a caller of the daemon's reader says in words of its own. */
const textOf = (phrase: object): string => ('text' in phrase ? String(phrase.text) : '');
