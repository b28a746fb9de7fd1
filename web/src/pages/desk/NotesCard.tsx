// The note about this case, saved while it is written; beside it what else can follow: a ticket, a call back, the next follow-up.
import { Button } from 'antd';
import { useCallback, useEffect, useId, useRef, useState } from 'react';
import { ApiError } from '../../api/error';
import { Card } from '../../components/Card';
import { ErrorLine } from '../../components/ErrorLine';
import { Icon } from '../../components/Icon';
import { useWords } from '../../i18n';
import { useShortcuts } from '../../keys/shortcuts';
import { useTimes } from '../../time';
import type { Talk } from './api';
import { useDesk } from './useDesk';
import { words } from './words';

const CALM_MS = 900;

/** Saves a text some time after the last key; an older text never replaces a newer one. */
function useNote(talk: Talk) {
  const { door, refresh } = useDesk();
  const [savedAt, setSavedAt] = useState(talk.note.saved_at);
  const [text, setText] = useState(talk.note.text);
  const [error, setError] = useState<ApiError | null>(null);
  const [isSaving, setSaving] = useState(false);
  const version = useRef(talk.note.version);
  const saved = useRef(talk.note.text);
  const typed = useRef(talk.note.text);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const tail = useRef<Promise<void>>(Promise.resolve());
  const id = talk.id;

  const save = useCallback(() => {
    if (timer.current !== null) clearTimeout(timer.current);
    timer.current = null;
    tail.current = tail.current.then(async () => {
      const now = typed.current;
      if (now === saved.current) return;
      setSaving(true);
      try {
        version.current += 1;
        const kept = await door.note(id, now, version.current);
        version.current = kept.version;
        saved.current = now;
        setSavedAt(kept.saved_at);
        setError(null);
      } catch (why) {
        version.current -= 1;
        setError(ApiError.of(why));
        // A newer one is there: it is fetched, and what was typed here stays on the screen.
        if (ApiError.of(why).status === 409) refresh();
      } finally {
        setSaving(false);
      }
    });
  }, [door, id, refresh]);

  useEffect(() => {
    const { note } = talk;
    if (note.version <= version.current) return;
    version.current = note.version;
    if (typed.current !== saved.current) return;
    saved.current = note.text;
    typed.current = note.text;
    setText(note.text);
  }, [talk]);

  // What was typed last is not lost with the card.
  useEffect(() => save, [save]);

  const write = (next: string) => {
    typed.current = next;
    setText(next);
    if (timer.current !== null) clearTimeout(timer.current);
    timer.current = setTimeout(save, CALM_MS);
  };
  return { text, write, save, error, isSaving, savedAt, isKept: text === saved.current };
}

export function NotesCard({
  talk,
  open,
}: {
  talk: Talk;
  open: (dialog: 'ticket' | 'call_back' | 'follow_up') => void;
}) {
  const t = useWords(words);
  const times = useTimes();
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const note = useNote(talk);
  useShortcuts([{ keys: 'Alt+n', does: words.keyNotes, run: () => field.current?.focus() }]);
  const state =
    note.error !== null
      ? t('unsaved')
      : note.isSaving || !note.isKept
        ? t('saving')
        : note.savedAt === null
          ? t('autosave')
          : t('saved', { at: times.clock(note.savedAt) });
  return (
    <Card
      title={<label htmlFor={id}>{t('notes')}</label>}
      extra={<span role="status">{state}</span>}
      className="dk-notes"
    >
      <textarea
        id={id}
        ref={field}
        value={note.text}
        maxLength={4000}
        placeholder={t('noteHint')}
        aria-keyshortcuts="Alt+N"
        onChange={(event) => note.write(event.target.value)}
        onBlur={note.save}
        onKeyDown={(event) => {
          // Back to the form, whose digits and Enter rest while somebody types.
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      {note.error !== null && (
        <div className="dk-pad-line">
          <ErrorLine error={note.error} />
        </div>
      )}
      {talk.tickets.length > 0 && (
        <ul className="dk-tickets">
          {talk.tickets.map((ticket) => (
            <li key={ticket.id}>
              <Icon name="ticket" />
              <b>{ticket.department}</b>
              <span>{ticket.text}</span>
              <span className="tag tag-warn">{times.minute(ticket.due_at)}</span>
            </li>
          ))}
        </ul>
      )}
      <div className="dk-tools">
        <Button size="small" icon={<Icon name="ticket" />} onClick={() => open('ticket')}>
          {t('openTicket')}
        </Button>
        <Button size="small" icon={<Icon name="calendar" />} onClick={() => open('call_back')}>
          {t('callBack')}
        </Button>
        <Button size="small" icon={<Icon name="flag" />} onClick={() => open('follow_up')}>
          {t('followUp')}
        </Button>
      </div>
    </Card>
  );
}
