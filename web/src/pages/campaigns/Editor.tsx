// The text of a campaign: checked a moment after the last key, kept as a draft.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { api, ask } from '../../api/client';
import { ApiError } from '../../api/error';
import { Card } from '../../components/Card';
import { useWords } from '../../i18n';
import { useShortcuts } from '../../keys/shortcuts';
import { PageHeader } from '../../shell/header';
import { Faults, offsetOf } from './Faults';
import { TEMPLATE } from './template';
import { words } from './words';

const PAUSE_MS = 400;

export function Editor() {
  const { id } = useParams();
  const { data } = useQuery({
    queryKey: ['campaigns', id],
    queryFn: ({ signal }) =>
      ask(api.GET('/api/campaigns/{id}', { params: { path: { id: Number(id) } }, signal })),
    enabled: id !== undefined && /^\d{1,15}$/.test(id),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (id === undefined) return <TextEditor key="new" first={TEMPLATE} isRunning={false} />;
  if (data === undefined) return null;
  const isRunning = data.state === 'running' || data.state === 'paused';
  return <TextEditor key={data.id} first={data.text} isRunning={isRunning} name={data.name} />;
}

function TextEditor({ first, isRunning, name }: { first: string; isRunning: boolean; name?: string }) {
  const t = useWords(words);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(first);
  const [settled, setSettled] = useState(first);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const checked = useQuery({
    queryKey: ['campaigns', 'check', settled],
    queryFn: ({ signal }) => ask(api.POST('/api/campaigns/check', { body: { text: settled }, signal })),
    gcTime: 0,
    placeholderData: (before) => before,
  });
  const save = useMutation({
    mutationFn: () => ask(api.POST('/api/campaigns', { body: { text } })),
    onSuccess: (kept) => {
      void queries.invalidateQueries({ queryKey: ['campaigns'] });
      navigate(`/campaigns/${kept.id}`);
    },
  });
  const isSame = isRunning && checked.data?.name === name;
  const canSave = checked.data?.is_usable === true && settled === text && !isSame;
  useShortcuts([{ keys: 'Ctrl+s', does: words.keySave, run: () => canSave && save.mutate() }]);
  const faults = checked.data?.faults ?? [];
  return (
    <>
      <PageHeader
        title={name ?? t('new')}
        actions={
          <Button
            type="primary"
            size="small"
            disabled={!canSave}
            loading={save.isPending}
            onClick={() => save.mutate()}
          >
            {name === undefined ? t('save') : t('saveOver')}
          </Button>
        }
      />
      <div className="fill campaigns c-editor">
        <section className="card c-card">
          <textarea
            ref={field}
            className="mono c-area"
            aria-label={t('text')}
            value={text}
            spellCheck={false}
            onChange={(event) => setText(event.target.value)}
          />
        </section>
        <Card
          className="c-card"
          title={t('check')}
          extra={
            <span className="ink-3 small">
              {faults.length === 0 ? t('noFaults') : t('faults', { n: faults.length })}
            </span>
          }
        >
          <div className="c-note">
            <p className="ink-2">{isSame ? t('cannotEdit') : t('editorNote')}</p>
            {save.error && (
              <p role="alert" className="c-error">
                {ApiError.of(save.error).detail}
              </p>
            )}
            {checked.error && (
              <p role="alert" className="c-error">
                {ApiError.of(checked.error).detail}
              </p>
            )}
          </div>
          <Faults
            faults={faults}
            goTo={(fault) => {
              const at = offsetOf(text, fault.line, fault.column);
              field.current?.focus();
              field.current?.setSelectionRange(at, at);
            }}
          />
        </Card>
      </div>
    </>
  );
}
