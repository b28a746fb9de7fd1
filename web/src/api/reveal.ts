// Showing one masked field of a patient: a request of its own, with a reason, that the daemon writes into the audit log.
import { send } from './client';

interface Reveal {
  field: string;
  reason: string;
  /** Which of the patient's numbers, where there are several. */
  number?: number;
}

/** The field in full. */
export async function reveal(patient: number, asked: Reveal): Promise<string> {
  const answer = await send('POST', `/api/patients/${patient}/reveal`, asked);
  const value = (answer as { value?: unknown } | null)?.value;
  return typeof value === 'string' ? value : '';
}
