// Makes an account, or changes name, role and department of one.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { AutoComplete, Select } from 'antd';
import { useId, useState } from 'react';
import { api, ask } from '../../api/client';
import { ApiError } from '../../api/error';
import type { Role } from '../../api/session';
import { ActDialog } from '../../components/ActDialog';
import { actionNames, roleNames } from '../../components/names';
import { TextField } from '../../components/TextField';
import { useSay, useWords } from '../../i18n';
import { GivenPassword, SHORTEST } from './GivenPassword';
import { type Account, PEOPLE } from './People';
import { words } from './words';

const ROLES: readonly Role[] = ['administrator', 'supervisor', 'agent', 'qa', 'department_head', 'auditor'];

interface Typed {
  account: string;
  name: string;
  role: Role;
  department: string;
  password: string;
}

export function AccountDialog({
  account,
  departments,
  close,
}: {
  account?: Account;
  departments: readonly string[];
  close: () => void;
}) {
  const t = useWords(words);
  const sayWord = useSay();
  const id = useId();
  const queries = useQueryClient();
  const isNew = account === undefined;
  const [typed, setTyped] = useState<Typed>({
    account: account?.account ?? '',
    name: account?.name ?? '',
    role: account?.role ?? 'qa',
    department: account?.department ?? '',
    password: '',
  });
  const set = (change: Partial<Typed>) => setTyped({ ...typed, ...change });
  const matrix = useQuery({
    queryKey: ['roles'],
    queryFn: ({ signal }) => ask(api.GET('/api/roles', { signal })),
  });
  const granted = matrix.data?.roles.find(({ role }) => role === typed.role)?.grants ?? {};
  const may = matrix.data?.actions.filter((action) => granted[action] !== undefined) ?? [];
  const name = typed.name.trim();
  const department = typed.department.trim() === '' ? null : typed.department.trim();
  const isMoved = !isNew && department !== (account.department ?? null);
  const needsReason = !isNew && (typed.role !== account.role || isMoved);
  const run = (reason: string): Promise<unknown> =>
    isNew
      ? ask(
          api.POST('/api/people', {
            body: {
              account: typed.account.trim(),
              name,
              role: typed.role,
              password: typed.password,
              ...(department === null ? {} : { department }),
            },
          }),
        )
      : ask(
          api.PATCH('/api/people/{id}', {
            params: { path: { id: account.id } },
            body: {
              name,
              ...(typed.role === account.role ? {} : { role: typed.role }),
              ...(isMoved ? { department } : {}),
              ...(needsReason ? { reason } : {}),
            },
          }),
        );
  const check = (): string | null => {
    if (name === '') return t('missing', { field: t('name') });
    if (isNew && typed.account.trim() === '') return t('missing', { field: t('account') });
    if (typed.role === 'department_head' && department === null) return t('departmentNeeded');
    if (isNew && [...typed.password].length < SHORTEST) return t('tooShort');
    return null;
  };
  return (
    <ActDialog
      title={isNew ? t('newTitle') : t('editTitle', { name: account.name })}
      act={isNew ? t('make') : t('save')}
      width={440}
      hasOwnFocus
      check={check}
      {...(needsReason ? { reason: t('reason'), reasonHint: t('reasonHint') } : {})}
      run={run}
      done={() => queries.invalidateQueries({ queryKey: PEOPLE })}
      close={close}
      explain={(error) =>
        ApiError.of(error).status === 409 ? (
          <p className="fault-text">{isNew ? t('exists') : t('lastAdministrator')}</p>
        ) : undefined
      }
    >
      <TextField
        label={t('name')}
        autoFocus
        autoComplete="off"
        maxLength={100}
        value={typed.name}
        change={(value) => set({ name: value })}
      />
      {isNew && (
        <TextField
          label={t('account')}
          hint={t('accountHint')}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={200}
          value={typed.account}
          change={(value) => set({ account: value })}
        />
      )}
      <div className="field">
        <label htmlFor={`${id}-role`}>{t('role')}</label>
        <Select
          id={`${id}-role`}
          style={{ width: '100%' }}
          value={typed.role}
          onChange={(role) => set({ role })}
          options={ROLES.map((role) => ({ value: role, label: sayWord(roleNames[role]) }))}
        />
        {may.length > 0 && (
          <p className="field-hint">
            {t('roleHint', {
              what: may.map((action) => sayWord(actionNames[action])).join(sayWord(['、', ', '])),
            })}
          </p>
        )}
      </div>
      <div className="field">
        <label htmlFor={`${id}-department`}>{t('department')}</label>
        <AutoComplete
          id={`${id}-department`}
          style={{ width: '100%' }}
          value={typed.department}
          onChange={(value) => set({ department: value })}
          options={departments.map((value) => ({ value }))}
          maxLength={100}
        />
        <p className="field-hint">{t('departmentHint')}</p>
      </div>
      {isNew && (
        <GivenPassword
          label={t('firstPassword')}
          value={typed.password}
          change={(password) => set({ password })}
        />
      )}
    </ActDialog>
  );
}
