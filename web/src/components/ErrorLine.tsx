// What failed, on the card that failed: the daemon's sentence, retry, and the number to tell.
import { Button } from 'antd';
import type { ComponentProps } from 'react';
import { ApiError } from '../api/error';
import { useWords } from '../i18n';
import './components.css';
import { Icon } from './Icon';
import { words } from './words';

/** One line, in a dialog or beside a control. */
export function ErrorLine({ error }: { error: unknown }) {
  const t = useWords(words);
  const failure = ApiError.of(error);
  return (
    <p className="error-line" role="alert">
      <Icon name="warning" />
      {failure.isUnreachable ? t('unreachable') : failure.message}
    </p>
  );
}

/** A card that has nothing but what failed. */
export function FailedCard(failed: ComponentProps<typeof CardError>) {
  return (
    <section className="card">
      <CardError {...failed} />
    </section>
  );
}

/** The body of a card whose data could not be had. `what` says what failed and what still holds. */
export function CardError({ error, retry, what }: { error: unknown; retry?: () => unknown; what?: string }) {
  const t = useWords(words);
  const failure = ApiError.of(error);
  return (
    <div className="card-error" role="alert">
      <Icon name="warning" />
      <div>
        <p>
          <b>{what ?? t('failed')}</b>
        </p>
        <p>{failure.isUnreachable ? t('unreachable') : failure.message}</p>
        {failure.instance !== undefined && (
          <p className="mono ink-3">
            {t('number', { number: failure.instance })}{' '}
            <button
              type="button"
              className="plain small"
              onClick={() => void navigator.clipboard.writeText(failure.instance ?? '')}
            >
              {t('copy')}
            </button>
          </p>
        )}
      </div>
      {retry !== undefined && (
        <Button size="small" onClick={() => void retry()}>
          {t('retry')}
        </Button>
      )}
    </div>
  );
}
