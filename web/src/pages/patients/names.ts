// Names of outcomes of cases and of states of numbers and patients.
import type { Word } from '../../i18n';

export const outcomes: Readonly<Record<string, Word>> = {
  completed: ['完成', 'Completed'],
  partial: ['部分完成', 'Partial'],
  refused: ['拒访', 'Refused'],
  not_reached: ['未联系上', 'Not reached'],
  number_dead: ['号码失效', 'Number dead'],
  not_eligible: ['不宜回访', 'Not eligible'],
  expired: ['已过期限', 'Expired'],
  withdrawn: ['已撤回', 'Withdrawn'],
};

export const numberStates: Readonly<Record<string, Word>> = {
  ok: ['可拨', 'Good'],
  suspect: ['疑似', 'Suspect'],
  vacant: ['空号', 'Vacant'],
  suspended: ['停机', 'Suspended'],
  wrong: ['错号', 'Wrong'],
};

export const patientStates: Readonly<Record<string, Word>> = {
  deceased: ['已去世', 'Deceased'],
  readmitted: ['再次入院', 'Readmitted'],
  transferred: ['已转院', 'Transferred'],
  complaint_open: ['投诉处理中', 'Complaint open'],
};

const owners: Readonly<Record<string, Word>> = {
  self: ['本人', 'Self'],
  kin: ['家属', 'Relative'],
};

interface Owned {
  owner?: string | null;
  relation?: string | null;
}

/** Whose number it is; of a relative, which one, as far as that is known. */
export function ownerOf({ owner, relation }: Owned): Word {
  if (owner === 'kin' && relation != null) return [relation, relation];
  return owners[owner ?? ''] ?? ['未知', 'Unknown'];
}

/** What is not known keeps its identifier: nothing is hidden. */
export function nameOf(names: Readonly<Record<string, Word>>, id: string): Word {
  return names[id] ?? [id, id];
}
