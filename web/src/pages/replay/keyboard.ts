// The keys of the replay as a table: what each asks for, and the words for the list behind `?`. Digits and signing are the scorecard's.

import type { Word } from '../../i18n';

/** Which side of the call is heard. */
export type Channel = 'both' | 'patient' | 'hospital';

/** What a key asks for. */
export type Command =
  | { readonly do: 'play' | 'start' | 'end' | 'loop' | 'comment' | 'flag' | 'release' | 'panel' | 'hear' }
  | { readonly do: 'skip'; readonly ms: number }
  | { readonly do: 'row' | 'key' | 'call'; readonly way: Way }
  | { readonly do: 'channel'; readonly channel: Channel }
  | { readonly do: 'speed'; readonly way: 'faster' | 'slower' };

/** Forward or back in a list. */
export type Way = 'next' | 'previous';

/** One key. */
interface Binding {
  readonly keys: string;
  readonly does: Word;
  readonly command: Command;
}

const bind = (keys: string, does: Word, command: Command): Binding => ({ keys, does, command });

/** All keys of this page. */
export const BINDINGS: readonly Binding[] = [
  bind('Space', ['播放 / 暂停', 'play / pause'], { do: 'play' }),
  bind('ArrowLeft', ['后退 5 秒', 'back 5 s'], { do: 'skip', ms: -5_000 }),
  bind('ArrowRight', ['前进 5 秒', 'forward 5 s'], { do: 'skip', ms: 5_000 }),
  bind('Shift+ArrowLeft', ['后退 1 秒', 'back 1 s'], { do: 'skip', ms: -1_000 }),
  bind('Shift+ArrowRight', ['前进 1 秒', 'forward 1 s'], { do: 'skip', ms: 1_000 }),
  bind('ArrowUp', ['上一题', 'previous answer'], { do: 'row', way: 'previous' }),
  bind('ArrowDown', ['下一题', 'next answer'], { do: 'row', way: 'next' }),
  bind('Enter', ['听选中的题', 'hear the selected answer'], { do: 'hear' }),
  bind(',', ['上一个按键', 'previous key'], { do: 'key', way: 'previous' }),
  bind('.', ['下一个按键', 'next key'], { do: 'key', way: 'next' }),
  bind('Home', ['开头', 'start'], { do: 'start' }),
  bind('End', ['结尾', 'end'], { do: 'end' }),
  bind('a', ['双声道', 'both channels'], { do: 'channel', channel: 'both' }),
  bind('s', ['只听患者', 'patient only'], { do: 'channel', channel: 'patient' }),
  bind('d', ['只听医院', 'hospital only'], { do: 'channel', channel: 'hospital' }),
  bind('-', ['慢一些', 'slower'], { do: 'speed', way: 'slower' }),
  bind('=', ['快一些', 'faster'], { do: 'speed', way: 'faster' }),
  bind('l', ['循环 / 停止循环', 'loop / stop looping'], { do: 'loop' }),
  bind('c', ['在当前时刻写批注', 'comment at this moment'], { do: 'comment' }),
  bind('x', ['加标记', 'flag'], { do: 'flag' }),
  bind(']', ['右栏', 'right column'], { do: 'panel' }),
  bind('Shift+J', ['下一通', 'next call'], { do: 'call', way: 'next' }),
  bind('Shift+K', ['上一通', 'previous call'], { do: 'call', way: 'previous' }),
  bind('Escape', ['停止循环 / 关闭', 'stop looping / close'], { do: 'release' }),
];

/** The speeds that can be chosen; the voice keeps its pitch. */
export const SPEEDS = [0.75, 1, 1.25, 1.5, 2] as const;

/** The next speed in a direction; the ends stay. */
export function nextSpeed(speed: number, way: 'faster' | 'slower'): number {
  const ordered = way === 'faster' ? [...SPEEDS] : [...SPEEDS].reverse();
  return ordered.find((other) => (way === 'faster' ? other > speed : other < speed)) ?? speed;
}

/** The neighbour of a row; from nowhere, forward begins at the first and back at the last. */
export function neighbourOf(rows: readonly string[], current: string | null, way: Way): string | null {
  const at = current === null ? -1 : rows.indexOf(current);
  if (at < 0) return (way === 'next' ? rows[0] : rows[rows.length - 1]) ?? null;
  return rows[at + (way === 'next' ? 1 : -1)] ?? current;
}
