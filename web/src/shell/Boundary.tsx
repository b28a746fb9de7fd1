// What is shown when a page's script cannot be had or fails: a sentence and one action, the rest of the console goes on.
import { Button } from 'antd';
import { Component, type ReactNode } from 'react';
import { useWords } from '../i18n';
import { words } from './words';

/** `where` changes when another page is opened: the failure is forgotten then. */
export class Boundary extends Component<
  { where: string; children: ReactNode },
  { failure: unknown; where: string }
> {
  override state = { failure: null as unknown, where: this.props.where };

  static getDerivedStateFromError(failure: unknown) {
    return { failure };
  }

  static getDerivedStateFromProps(props: { where: string }, state: { where: string }) {
    return props.where === state.where ? null : { failure: null, where: props.where };
  }

  override render() {
    return this.state.failure === null ? this.props.children : <Failed failure={this.state.failure} />;
  }
}

function Failed({ failure }: { failure: unknown }) {
  const t = useWords(words);
  return (
    <section className="sentence" role="alert">
      <h2>{t('pageFailed')}</h2>
      <p>{t('pageFailedWhy')}</p>
      <code className="mono ink-2">
        {failure instanceof Error ? `${failure.name}: ${failure.message}` : String(failure)}
      </code>
      <Button onClick={() => location.reload()}>{t('reload')}</Button>
    </section>
  );
}
