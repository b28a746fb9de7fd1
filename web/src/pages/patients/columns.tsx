// Columns that every list of patients has.
import type { Column } from '../../components/CursorTable';
import { useWords } from '../../i18n';
import { NOTHING } from '../../time';
import { words } from './words';

interface Listed {
  patient_no?: string | null;
  department?: string | null;
}

/** The number that the hospital has for the patient, and the department. */
export function useWhoseColumns(): readonly Column<Listed>[] {
  const t = useWords(words);
  return [
    {
      key: 'no',
      title: t('patientNo'),
      width: 'minmax(110px, 0.8fr)',
      cell: (row) => <span className="ink-2">{row.patient_no ?? NOTHING}</span>,
    },
    {
      key: 'department',
      title: t('department'),
      width: 'minmax(110px, 1fr)',
      cell: (row) => row.department ?? NOTHING,
    },
  ];
}
