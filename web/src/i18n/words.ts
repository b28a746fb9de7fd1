// Typed words. A word is a pair, Chinese first: one without English does not compile. `{name}` is a value that the call must give;
// `{count:call|calls}` is the English word for one or for several.

export type Language = 'zh' | 'en';
export type Word = readonly [zh: string, en: string];
export type Words = Readonly<Record<string, Word>>;

type Name<S extends string> = S extends `${infer N}:${string}` ? N : S;
type Names<S extends string> = S extends `${string}{${infer N}}${infer Rest}` ? Name<N> | Names<Rest> : never;
type Values<W extends Word> = { [name in Names<W[0]> | Names<W[1]>]: string | number };

/** The words of a page: `export const words = defineWords({ title: ['今夜', 'Tonight'] })`. */
export function defineWords<const W extends Words>(words: W): W {
  return words;
}

type Rest<W extends Word> = [Names<W[0]> | Names<W[1]>] extends [never] ? [] : [values: Values<W>];

export type Say<W extends Words> = <K extends keyof W>(key: K, ...rest: Rest<W[K]>) => string;

/** One word in one language with its values put in. */
export function say(
  word: Word,
  language: Language,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return word[language === 'zh' ? 0 : 1].replace(
    /\{(\w+)(?::([^|{}]*)\|([^{}]*))?\}/g,
    (whole, name: string, one?: string, many?: string) => {
      const value = values[name];
      if (value === undefined) return whole;
      if (one !== undefined && many !== undefined) return Number(value) === 1 ? one : many;
      return typeof value === 'number' ? value.toLocaleString('en-US') : value;
    },
  );
}
