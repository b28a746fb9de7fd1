// Makes an account, or changes name, role and department of one.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { AutoComplete, Button, Input, Modal, Select } from 'antd';
import { type FormEvent, useId, useState } from 'react';
import { api, ask } from '../../api/client';
import { ApiError } from '../../api/error';
import type { Role } from '../../api/session';
import { ErrorLine } from '../../components/ErrorLine';
import { actionNames, roleNames } from '../../components/names';
import { useSay, useWords } from '../../i18n';
import { type Account, PEOPLE } from './People';
import { drawPassword } from './password-draw';
import { words } from './words';

const roles = Object.keys(roleNames) as Role[];

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
  const [typed, setTyped] = useState({
    account: account?.account ?? '',
    name: account?.name ?? '',
    role: account?.role ?? ('qa' as Role),
    department: account?.department ?? '',
    password: '',
    reason: '',
  });
  const [fault, setFault] = useState<string | null>(null);
  const matrix = useQuery({
    queryKey: ['roles'],
    queryFn: ({ signal }) => ask(api.GET('/api/roles', { signal })),
  });
  const department = typed.department.trim() === '' ? null : typed.department.trim();
  const needsReason = !isNew && (typed.role !== account.role || department !== (account.department ?? null));
  const save = useMutation({
    mutationFn: () =>
      isNew
        ? ask(
            api.POST('/api/people', {
              body: {
                account: typed.account.trim(),
                name: typed.name.trim(),
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
                name: typed.name.trim(),
                ...(typed.role === account.role ? {} : { role: typed.role }),
                ...(department === (account.department ?? null) ? {} : { department }),
                ...(needsReason ? { reason: typed.reason.trim() } : {}),
              },
            }),
          ),
    onSuccess: () => {
      close();
      return queries.invalidateQueries({ queryKey: PEOPLE });
    },
  });
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (save.isPending) return;
    const missing = (field: string) => t('missing', { field });
    const wrong =
      typed.name.trim() === ''
        ? missing(t('name'))
        : isNew && typed.account.trim() === ''
          ? missing(t('account'))
          : typed.role === 'department_head' && department === null
            ? t('departmentNeeded')
            : isNew && [...typed.password].length < 10
              ? t('tooShort')
              : needsReason && typed.reason.trim() === ''
                ? missing(t('reason'))
                : null;
    setFault(wrong);
    if (wrong === null) save.mutate();
  };
  const granted = matrix.data?.roles.find(({ role }) => role === typed.role)?.grants ?? {};
  const may = matrix.data?.actions.filter((action) => granted[action] !== undefined) ?? [];
  const set = (change: Partial<typeof typed>) => setTyped({ ...typed, ...change });
  return (
    <Modal
      open
      onCancel={close}
      width={440}
      title={isNew ? t('newTitle') : t('editTitle', { name: account.name })}
      closable={{ 'aria-label': t('close') }}
      footer={[
        <Button key="cancel" onClick={close}>
          {t('cancel')}
        </Button>,
        <Button key="save" type="primary" loading={save.isPending} onClick={() => submit()}>
          {isNew ? t('make') : t('save')}
        </Button>,
      ]}
    >
      <form className="form" onSubmit={submit}>
        <div className="form-field">
          <label htmlFor={`${id}-name`}>{t('name')}</label>
          <Input
            id={`${id}-name`}
            autoFocus
            autoComplete="off"
            maxLength={100}
            value={typed.name}
            onChange={(event) => set({ name: event.target.value })}
          />
        </div>
        {isNew && (
          <div className="form-field">
            <label htmlFor={`${id}-account`}>{t('account')}</label>
            <Input
              id={`${id}-account`}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              maxLength={200}
              value={typed.account}
              onChange={(event) => set({ account: event.target.value })}
            />
            <p className="form-hint">{t('accountHint')}</p>
          </div>
        )}
        <div className="form-field">
          <label htmlFor={`${id}-role`}>{t('role')}</label>
          <Select
            id={`${id}-role`}
            style={{ width: '100%' }}
            value={typed.role}
            onChange={(role) => set({ role })}
            options={roles.map((role) => ({ value: role, label: sayWord(roleNames[role]) }))}
          />
          {may.length > 0 && (
            <p className="form-hint">
              {t('roleHint', {
                what: may.map((action) => sayWord(actionNames[action])).join(sayWord(['、', ', '])),
              })}
            </p>
          )}
        </div>
        <div className="form-field">
          <label htmlFor={`${id}-department`}>{t('department')}</label>
          <AutoComplete
            id={`${id}-department`}
            style={{ width: '100%' }}
            value={typed.department}
            onChange={(value) => set({ department: value })}
            options={departments.map((value) => ({ value }))}
            maxLength={100}
          />
          <p className="form-hint">{t('departmentHint')}</p>
        </div>
        {isNew && (
          <div className="form-field">
            <label htmlFor={`${id}-password`}>{t('firstPassword')}</label>
            <Input
              id={`${id}-password`}
              autoComplete="off"
              maxLength={128}
              className="mono"
              value={typed.password}
              onChange={(event) => set({ password: event.target.value })}
              suffix={
                <button
                  type="button"
                  className="plain small"
                  onClick={() => set({ password: drawPassword() })}
                >
                  {t('draw')}
                </button>
              }
            />
            <p className="form-hint">{t('passwordHint')}</p>
          </div>
        )}
        {needsReason && (
          <div className="form-field">
            <label htmlFor={`${id}-reason`}>{t('reason')}</label>
            <Input
              id={`${id}-reason`}
              maxLength={500}
              value={typed.reason}
              onChange={(event) => set({ reason: event.target.value })}
            />
            <p className="form-hint">{t('reasonHint')}</p>
          </div>
        )}
        <div role="alert">
          {fault !== null && <p className="fault-text">{fault}</p>}
          {fault === null && save.isError && <Refusal error={save.error} isNew={isNew} />}
        </div>
        <button type="submit" hidden />
      </form>
    </Modal>
  );
}

function Refusal({ error, isNew }: { error: unknown; isNew: boolean }) {
  const t = useWords(words);
  if (ApiError.of(error).status === 409) {
    return <p className="fault-text">{isNew ? t('exists') : t('lastAdministrator')}</p>;
  }
  return <ErrorLine error={error} />;
}
