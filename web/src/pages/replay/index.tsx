// /recordings/:attempt: what the patient really said and pressed, and whether it was handled right.

import { useNavigate, useParams, useSearchParams } from 'react-router';

import { ApiError } from '../../api/error';
import { useLanguage } from '../../i18n';
import { PageHeader } from '../../shell/header';
import { useCall } from './data';
import { QueueBar } from './QueueBar';
import { useQueue } from './queue';
import { Replay } from './Replay';
import css from './replay.module.css';
import { en, zh } from './words';

/** Reads the call; the page itself is Replay. */
export default function ReplayPage() {
  const { attempt } = useParams();
  const id = Number(attempt);
  const { language } = useLanguage();
  const words = language === 'zh' ? zh : en;
  const [address] = useSearchParams();
  const navigate = useNavigate();
  const queue = useQueue(id);
  const { data, error, refetch } = useCall(id);

  const go = (other: number | null): void => {
    if (other === null) return;
    const kept = new URLSearchParams();
    for (const name of ['list', 'review', 'tab']) {
      const value = address.get(name);
      if (value !== null) kept.set(name, value);
    }
    navigate(`/recordings/${other}${kept.size > 0 ? `?${kept}` : ''}`);
  };

  const failure = error === null ? null : ApiError.of(error);
  return (
    <>
      <PageHeader
        title={words.title}
        {...(queue === null ? {} : { context: <QueueBar queue={queue} words={words} onGo={go} /> })}
      />
      {data !== undefined ? (
        <Replay key={id} call={data} queue={queue} words={words} onGo={go} />
      ) : failure !== null ? (
        <section className={`card ${css.card} ${css.empty}`} role="alert">
          <p>{failure.status === 404 || failure.status === 400 ? words.notFound : words.loadFailed}</p>
          {failure.detail !== '' && failure.status !== 404 && <p className={css.mono}>{failure.detail}</p>}
          {failure.instance !== undefined && (
            <p className={css.mono}>
              {words.number} {failure.instance}
            </p>
          )}
          <p style={{ display: 'flex', gap: 8 }}>
            {failure.status !== 404 && (
              <button type="button" className={css.small} onClick={() => void refetch()}>
                {words.retry}
              </button>
            )}
            <button type="button" className={css.small} onClick={() => navigate('/recordings')}>
              {words.toRecordings}
            </button>
          </p>
        </section>
      ) : (
        <Skeleton />
      )}
    </>
  );
}

/** The final geometry without anything in it; shown only when it takes longer than a blink. */
function Skeleton() {
  return (
    <div className={`${css.page} ${css.late}`} aria-busy="true">
      <div className={`card ${css.card}`} style={{ height: 58, flex: 'none' }} />
      <div className={css.cols}>
        <div className={css.left}>
          <div className={`card ${css.card}`} style={{ height: 299, flex: 'none' }}>
            <div className={css.flat} style={{ top: 104 }} />
            <div className={css.flat} style={{ top: 169 }} />
          </div>
          <div className={`card ${css.card}`} style={{ flex: 1 }} />
        </div>
        <div className={`card ${css.card} ${css.right}`} />
      </div>
    </div>
  );
}
