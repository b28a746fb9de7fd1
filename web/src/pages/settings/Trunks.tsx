// Trunks: how they are set in the file, how they stand now, and how a change is made. Secrets are only named.
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { api, ask } from '../../api/client';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { Card } from '../../components/Card';
import { EmptyLine } from '../../components/EmptyLine';
import { FailedCard } from '../../components/ErrorLine';
import { Heads } from '../../components/Heads';
import { Icon } from '../../components/Icon';
import { Scroll } from '../../components/Scroll';
import { Skeleton } from '../../components/Skeleton';
import { useWords } from '../../i18n';
import { NOTHING, useTimes } from '../../time';
import { bySection, byTrunk } from './setting-lines';
import { words } from './words';

type Line = components['schemas']['SettingLine'];
type Standing = components['schemas']['TrunkStanding'];

export const SETTINGS = ['settings'];
/** A trunk stands otherwise from one moment to the next. */
const LOOK_EVERY = 10_000;

export default function Trunks() {
  const t = useWords(words);
  const mayAudit = useMay('see_audit') !== null;
  const found = useQuery({
    queryKey: SETTINGS,
    queryFn: ({ signal }) => ask(api.GET('/api/settings', { signal })),
    refetchInterval: LOOK_EVERY,
  });
  if (found.isPending) return <Skeleton rows={10} />;
  if (found.isError) {
    return <FailedCard error={found.error} retry={found.refetch} />;
  }
  const { file, fault, settings, trunks } = found.data;
  const told = byTrunk(settings);
  const others = bySection(settings);
  return (
    <Scroll className="scroll settings-cards" label={t('trunks')}>
      <Card
        title={t('trunksWhat')}
        extra={
          mayAudit && (
            <Link to="/settings/audit?deed=reloaded_settings" title={t('changesNote')}>
              {t('changesOf')}
            </Link>
          )
        }
      >
        <p className="settings-note">
          {file ? t('setIn', { file }) : t('noFile')}
          {file && <span className="ink-2">{t('howToChange')}</span>}
        </p>
        {fault && (
          <p className="error-line" role="alert">
            <Icon name="warning" />
            {t('cannotRead', { why: fault })}
          </p>
        )}
      </Card>
      {told.map(({ name, lines }) => {
        const standing = trunks.find((trunk) => trunk.name === name);
        return (
          <Card key={name} title={name} extra={<State standing={standing} />}>
            <Lines lines={lines} label={name} />
            <p className="settings-test ink-2">
              {t('testCommand')} <code>aftercall check --trunk {name}</code>
            </p>
          </Card>
        );
      })}
      <Card title={t('otherSections')}>
        {others.length === 0 ? (
          <EmptyLine>{t('noSettings')}</EmptyLine>
        ) : (
          <Lines lines={others} label={t('otherSections')} withSection />
        )}
      </Card>
    </Scroll>
  );
}

function State({ standing }: { standing: Standing | undefined }) {
  const t = useWords(words);
  const times = useTimes();
  if (standing === undefined) return <span className="ink-3">{t('trunkUnknown')}</span>;
  const tags = {
    up: { tone: 'tag-ok', icon: 'check', name: t('trunkUp') },
    registering: { tone: 'tag-warn', icon: 'clock', name: t('trunkRegistering') },
    resting: {
      tone: 'tag-warn',
      icon: 'clock',
      name: t('trunkResting', { at: times.hour(standing.resting_until_at) }),
    },
    down: { tone: 'tag-bad', icon: 'warning', name: t('trunkDown') },
  } as const;
  const { tone, icon, name } = tags[standing.state];
  return (
    <>
      {typeof standing.round_trip_us === 'number' && (
        <span className="ink-3">{t('roundTrip', { ms: (standing.round_trip_us / 1000).toFixed(1) })}</span>
      )}
      <span>{t('busy', { n: standing.calls, lines: standing.lines })}</span>
      <span className={`tag ${tone}`} title={standing.reason ?? undefined}>
        <Icon name={icon} />
        {name}
      </span>
    </>
  );
}

function Lines({
  lines,
  label,
  withSection = false,
}: {
  lines: readonly Line[];
  label: string;
  withSection?: boolean;
}) {
  const t = useWords(words);
  return (
    <table className="sheet grid-table settings-lines" aria-label={label}>
      <Heads
        of={[
          withSection && t('section'),
          t('setting'),
          t('value'),
          { name: t('line'), className: 'num' },
          t('takes'),
        ]}
      />
      <tbody>
        {lines.map((line) => (
          <tr key={`${line.section}.${line.trunk ?? ''}.${line.key}`}>
            {withSection && <td className="mono">{line.section}</td>}
            <td className="mono">{line.key}</td>
            <td className="mono settings-value">
              {typeof line.value === 'string' ? (
                line.value || NOTHING
              ) : (
                <span className="ink-3">
                  <Icon name="lock" size={13} /> {t('secret')}
                </span>
              )}
            </td>
            <td className="num ink-3">{line.line}</td>
            <td>{line.takes === 'reload' ? t('onReload') : t('onRestart')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
