// The listen log of a call, and whether it plays as soon as it is opened.

import { useState } from 'react';

import { useHearings } from './data';
import { Listening } from './Listening';
import css from './replay.module.css';
import type { Words } from './words';

interface Props {
  readonly callId: number;
  readonly words: Words;
  readonly time: (at: string) => string;
  readonly autoplay: boolean;
  readonly onAutoplay: (on: boolean) => void;
}

/** The user's own setting stands where its consequence is seen. */
export function ListeningTab({ callId, words, time, autoplay, onAutoplay }: Props) {
  const hearings = useHearings(callId);
  const [on, setOn] = useState(autoplay);
  return (
    <div className={css.panel}>
      <div className={css.panel}>
        <Listening hearings={hearings} words={words} time={time} />
      </div>
      <label className={css.write} style={{ flexDirection: 'row', alignItems: 'center' }}>
        <input
          type="checkbox"
          checked={on}
          onChange={(event) => {
            setOn(event.target.checked);
            onAutoplay(event.target.checked);
          }}
        />
        {words.autoplay}
      </label>
    </div>
  );
}
