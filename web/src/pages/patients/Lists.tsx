// The way between the lists of patients: search, do-not-call, appointments, number repair, tickets; only those that are granted.
import { NavLink } from 'react-router';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import './patients.css';
import { words } from './words';

export function Lists() {
  const t = useWords(words);
  const [patients, keeps, repairs, tickets] = [
    useMay('see_patients'),
    useMay('keep_do_not_call'),
    useMay('repair_numbers'),
    useMay('keep_tickets'),
  ];
  const links = [
    { to: '/patients', name: t('title'), may: patients },
    { to: '/do-not-call', name: t('doNotCall'), may: keeps },
    { to: '/appointments', name: t('appointments'), may: patients },
    { to: '/call-backs', name: t('callBacks'), may: patients },
    { to: '/number-repair', name: t('repair'), may: repairs },
    { to: '/tickets', name: t('tickets'), may: tickets },
  ];
  return (
    <nav className="p-lists" aria-label={t('parts')}>
      {links
        .filter((link) => link.may !== null)
        .map((link) => (
          <NavLink key={link.to} to={link.to}>
            {link.name}
          </NavLink>
        ))}
    </nav>
  );
}
