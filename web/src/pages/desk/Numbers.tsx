// The patient's numbers, the current one marked; another one can be dialed when nobody is on the line.
import { Button } from 'antd';
import { Link } from 'react-router';
import { useMay } from '../../api/session';
import { Card } from '../../components/Card';
import { ErrorLine } from '../../components/ErrorLine';
import { Icon } from '../../components/Icon';
import { Masked } from '../../components/Masked';
import { useSay, useWords } from '../../i18n';
import { nameOf, numberStates, ownerOf } from '../patients/names';
import type { DeskNumber, Talk } from './api';
import { isPreviewOver } from './outcomes';
import { useDesk, useOrder } from './useDesk';
import { words } from './words';

export function Numbers({ talk }: { talk: Talk }) {
  const t = useWords(words);
  const mayRepair = useMay('repair_numbers') !== null;
  const repair = mayRepair ? (
    <Link to={`/patients/${talk.case.patient_id}`}>{t('toRepair')}</Link>
  ) : undefined;
  return (
    <Card title={t('numbers')} extra={repair} className="dk-numbers">
      {talk.case.numbers.length === 0 && <p className="dk-pad-line ink-2">{t('noNumber')}</p>}
      <ul>
        {talk.case.numbers.map((number) => (
          <li key={number.id}>
            <One talk={talk} number={number} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function One({ talk, number }: { talk: Talk; number: DeskNumber }) {
  const t = useWords(words);
  const sayWord = useSay();
  const { door, now } = useDesk();
  const dial = useOrder();
  const owner = sayWord(ownerOf(number));
  const state = sayWord(nameOf(numberStates, number.state));
  const canDial = talk.state === 'previewing' && !isPreviewOver(talk, now) && !number.is_current;
  return (
    <>
      <i className={number.is_current ? 'dk-dot is-current' : 'dk-dot'} aria-hidden="true" />
      <div className="dk-number">
        <b>
          <Masked patient={talk.case.patient_id} field="phone" number={number.id}>
            {number.number}
          </Masked>
        </b>
        <span className="ink-3 small">
          {owner} · <span className={number.state === 'ok' ? undefined : 'dk-near'}>{state}</span>
          {number.listed && <span className="tag tag-bad dk-flag">{t('listed')}</span>}
        </span>
        {dial.error !== null && <ErrorLine error={dial.error} />}
      </div>
      {number.is_current && <span className="tag tag-patient">{t('current')}</span>}
      {canDial && (
        <Button
          size="small"
          icon={<Icon name="phone" />}
          loading={dial.isRunning}
          aria-label={t('dialNumber', { number: number.number })}
          onClick={() => dial.run(() => door.dial(talk.id, { number_id: number.id }))}
        >
          {t('dialThis')}
        </Button>
      )}
    </>
  );
}
