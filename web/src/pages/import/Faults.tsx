// What is wrong with a list: how often, and each fault by its place.
import { Button, Input } from 'antd';
import { type FormEvent, useState } from 'react';
import { csvFile, handOver } from '../../api/files';
import type { components } from '../../api/schema';
import { Card } from '../../components/Card';
import { EmptyLine } from '../../components/EmptyLine';
import { Heads } from '../../components/Heads';
import { Icon } from '../../components/Icon';
import { Scroll } from '../../components/Scroll';
import { useLanguage, useSay, useWords } from '../../i18n';
import { count } from '../../time';
import { nameOf } from '../patients/names';
import type { Correction } from './corrections';
import { fields } from './names';
import { words } from './words';

type List = components['schemas']['ListRead'];
type Fault = components['schemas']['ListFault'];

const tones: Record<Fault['costs'], string> = { row: 'tag-bad', value: 'tag-warn', nothing: 'tag-plain' };

const HEADS = ['place', 'header', 'value', 'what', 'costs'] as const;

export function Faults({
  list,
  correct,
  isChecking = false,
}: {
  list: List;
  /** Puts a cell right and has the list checked again; without it nothing can be put right any more. */
  correct?: (one: Correction) => void;
  isChecking?: boolean;
}) {
  const t = useWords(words);
  const { language } = useLanguage();
  const sayWord = useSay();
  const effects: Record<Fault['costs'], string> = {
    row: t('costsRow'),
    value: t('costsValue'),
    nothing: t('costsNothing'),
  };
  const said = (one: { zh: string; what: string }) => (language === 'zh' ? one.zh : one.what);
  const file = () => {
    const heading = [t('place'), t('header'), t('value'), t('what'), t('expected'), t('costs')];
    const rows = list.faults.map((fault) => [
      `${fault.column}${fault.row}`,
      fault.header,
      fault.value,
      said(fault),
      fault.expected ?? '',
      effects[fault.costs],
    ]);
    handOver('refused.csv', csvFile(heading, rows));
  };
  return (
    <div className="imp-grid">
      <Card
        title={t('faults')}
        extra={
          <>
            {list.faults_total > list.faults.length && (
              <span>{t('first', { n: list.faults.length, total: list.faults_total })}</span>
            )}
            {list.faults.length > 0 && (
              <Button size="small" icon={<Icon name="download" />} onClick={file}>
                {t('downloadRefused')}
              </Button>
            )}
          </>
        }
      >
        {list.faults.length === 0 ? (
          <EmptyLine>{t('noFaults')}</EmptyLine>
        ) : (
          <Scroll className="imp-scroll" label={t('faults')}>
            <table className="imp-table">
              <Heads of={[...HEADS.map((head) => t(head)), correct !== undefined && t('putRight')]} />
              <tbody>
                {list.faults.map((fault, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a cell may have several faults; the list never changes
                  <tr key={at}>
                    <td className="mono">{`${fault.column}${fault.row}`}</td>
                    <td>{fault.header}</td>
                    <td className="mono">{fault.value}</td>
                    <td>
                      {said(fault)}
                      {language === 'en' && fault.expected && (
                        <span className="ink-3">; {fault.expected}</span>
                      )}
                    </td>
                    <td>
                      <span className={`tag ${tones[fault.costs]}`}>{effects[fault.costs]}</span>
                    </td>
                    {correct && (
                      <td>
                        {fault.row > list.header_row && fault.column !== '' && (
                          <Fix fault={fault} correct={correct} isChecking={isChecking} />
                        )}
                      </td>
                    )}
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        )}
      </Card>
      <div className="imp-side">
        {list.kinds.length > 0 && (
          <Card title={t('kinds')}>
            <ul className="imp-list">
              {list.kinds.map((kind) => (
                <li key={`${kind.costs}-${kind.what}`}>
                  <span>{said(kind)}</span>
                  <b>{count(kind.n)}</b>
                </li>
              ))}
            </ul>
          </Card>
        )}
        <Card title={t('columns')}>
          <ul className="imp-list">
            {list.columns.map((column) => (
              <li key={column.column}>
                <span>
                  <span className="mono ink-3">{column.column}</span> {column.header}
                </span>
                {column.field ? (
                  <span className="ink-2">{sayWord(nameOf(fields, column.field))}</span>
                ) : (
                  <span className="ink-3">{t('notRead')}</span>
                )}
              </li>
            ))}
          </ul>
        </Card>
      </div>
    </div>
  );
}

/** A cell is typed anew whole: what the file holds is masked here. */
function Fix({
  fault,
  correct,
  isChecking,
}: {
  fault: Fault;
  correct: (one: Correction) => void;
  isChecking: boolean;
}) {
  const t = useWords(words);
  const [value, setValue] = useState<string | null>(null);
  const place = `${fault.column}${fault.row}`;
  if (value === null) {
    return (
      <Button
        size="small"
        disabled={isChecking}
        aria-label={t('fixOf', { place })}
        onClick={() => setValue('')}
      >
        {t('fix')}
      </Button>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    correct({ row: fault.row, column: fault.column, value: value.trim() });
    setValue(null);
  };
  return (
    <form className="imp-fix" onSubmit={submit}>
      <Input
        size="small"
        autoFocus
        value={value}
        maxLength={500}
        aria-label={t('newValue', { place })}
        placeholder={fault.header}
        onChange={(event) => setValue(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setValue(null);
        }}
      />
      <Button size="small" type="primary" htmlType="submit" loading={isChecking}>
        {t('checkAgain')}
      </Button>
    </form>
  );
}
