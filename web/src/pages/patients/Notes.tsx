// Notes of a patient: added, never changed.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Input, type InputRef } from 'antd';
import { useRef, useState } from 'react';
import { api, ask } from '../../api/client';
import { Card } from '../../components/Card';
import { ErrorLine } from '../../components/ErrorLine';
import { useWords } from '../../i18n';
import { useShortcuts } from '../../keys/shortcuts';
import { useTimes } from '../../time';
import type { PatientPage } from './timeline';
import { words } from './words';

export function Notes({ page }: { page: PatientPage }) {
  const t = useWords(words);
  const times = useTimes();
  const queries = useQueryClient();
  const field = useRef<InputRef>(null);
  const [text, setText] = useState('');
  const write = useMutation({
    mutationFn: (words: string) =>
      ask(api.POST('/api/patients/{id}/notes', { params: { path: { id: page.id } }, body: { text: words } })),
    onSuccess: () => {
      setText('');
      return queries.invalidateQueries({ queryKey: ['patient', page.id] });
    },
  });
  useShortcuts([{ keys: 'n', does: words.keyNote, run: () => field.current?.focus() }]);
  const send = () => {
    if (text.trim() !== '') write.mutate(text);
  };
  return (
    <Card title={t('notes')} className="p-notes">
      <form
        className="p-note-form"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Input
          ref={field}
          value={text}
          maxLength={2000}
          placeholder={t('noteHint')}
          aria-label={t('writeNote')}
          onChange={(event) => setText(event.target.value)}
        />
        <Button htmlType="submit" loading={write.isPending} disabled={text.trim() === ''}>
          {t('writeNote')}
        </Button>
      </form>
      {write.error !== null && <ErrorLine error={write.error} />}
      <ul>
        {page.notes.map((note) => (
          <li key={note.id}>
            <span className="ink-3 small">
              {times.minute(note.at)} · {note.who}
            </span>
            <p className="p-text">{note.text}</p>
          </li>
        ))}
      </ul>
    </Card>
  );
}
