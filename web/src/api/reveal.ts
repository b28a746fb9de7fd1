// Showing one masked field of a patient: a request of its own, with a reason, that the daemon writes into the audit log.
import { api, ask } from './client';
import type { components } from './schema';

/** The field in full; nothing: it is empty. */
export async function reveal(id: number, body: components['schemas']['RevealAsked']): Promise<string> {
  const shown = await ask(api.POST('/api/patients/{id}/reveal', { params: { path: { id } }, body }));
  return shown.value ?? '';
}
