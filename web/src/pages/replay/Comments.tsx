// Comments pinned to moments, and the box that writes one at the playhead.

import { useEffect, useRef, useState } from 'react';

import type { Note } from './model';
import css from './replay.module.css';
import { clock } from './scale';
import type { Words } from './words';

interface Props {
  readonly notes: readonly Note[];
  readonly mayWrite: boolean;
  /** Grows when somebody asks to write: the box takes the focus. */
  readonly asked: number;
  readonly atMs: () => number;
  readonly time: (at: string) => string;
  readonly words: Words;
  readonly onGo: (ms: number) => void;
  readonly onWrite: (atMs: number, text: string) => Promise<void>;
  readonly onStrike: (id: number) => Promise<void>;
}

/** Letters that a comment may have. */
const LETTERS = 2_000;

/** In the order of the recording. */
export function Comments({ notes, mayWrite, asked, atMs, time, words, onGo, onWrite, onStrike }: Props) {
  const [text, setText] = useState('');
  const [pinned, setPinned] = useState(() => atMs());
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);

  useEffect(() => {
    if (asked === 0) return;
    setPinned(atMs());
    box.current?.focus();
  }, [asked, atMs]);

  const write = (): void => {
    const trimmed = text.trim();
    if (trimmed === '' || busy) return;
    setBusy(true);
    setFault('');
    onWrite(pinned, trimmed)
      .then(() => setText(''))
      .catch((why: unknown) => setFault(why instanceof Error ? why.message : String(why)))
      .finally(() => setBusy(false));
  };

  return (
    <div className={css.panel}>
      {notes.length === 0 ? (
        <p className={css.empty} style={{ flex: 1 }}>
          {words.noComments}
        </p>
      ) : (
        <div className={css.list}>
          {notes.map((note) => (
            <article key={note.id} className={css.comment}>
              <header>
                <button
                  type="button"
                  className={css.at}
                  aria-label={words.goTo(clock(note.atMs))}
                  onClick={() => onGo(note.atMs)}
                >
                  {clock(note.atMs)}
                </button>
                <b>{note.name}</b>
                <span>{time(note.madeAt)}</span>
                {note.mine && note.text !== null && (
                  <button
                    type="button"
                    className={css.link}
                    style={{ marginLeft: 'auto' }}
                    onClick={() => void onStrike(note.id)}
                  >
                    {words.deleteComment}
                  </button>
                )}
              </header>
              {note.text === null ? <p className={css.struck}>{words.takenBack}</p> : <p>{note.text}</p>}
            </article>
          ))}
        </div>
      )}
      {mayWrite && (
        <div className={css.write}>
          <label htmlFor="replay-comment" style={{ fontSize: 12 }}>
            {words.writeAt(clock(pinned))}
          </label>
          <textarea
            id="replay-comment"
            ref={box}
            className={css.box}
            rows={3}
            maxLength={LETTERS}
            value={text}
            onFocus={() => text === '' && setPinned(atMs())}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
                event.preventDefault();
                event.stopPropagation();
                write();
              }
              if (event.key === 'Escape') {
                event.stopPropagation();
                box.current?.blur();
              }
            }}
          />
          <div>
            <span
              style={fault === '' ? undefined : { color: 'var(--bad)' }}
              role={fault === '' ? undefined : 'alert'}
            >
              {fault === '' ? words.saveHint : fault}
            </span>
            <button
              type="button"
              className={css.small}
              style={{ marginLeft: 'auto' }}
              disabled={busy || text.trim() === ''}
              onClick={write}
            >
              {words.save}
            </button>
          </div>
        </div>
      )}
    </div>
  );
}
