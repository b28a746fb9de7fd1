// A small button that does one thing at once, without a dialog. What the daemon refuses stands beside it.
import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import type { ReactNode } from 'react';
import { ErrorLine } from './ErrorLine';

export function DeedButton({
  run,
  renews,
  done,
  children,
}: {
  run: () => Promise<unknown>;
  /** The data that it changes; none: any. */
  renews?: QueryKey;
  /** What is said once it is done. */
  done?: string;
  children: ReactNode;
}) {
  const queries = useQueryClient();
  const deed = useMutation({
    mutationFn: run,
    onSuccess: () => queries.invalidateQueries(renews && { queryKey: renews }),
  });
  return (
    <>
      <Button size="small" loading={deed.isPending} onClick={() => deed.mutate()}>
        {children}
      </Button>
      {deed.isSuccess && done !== undefined && (
        <span className="ink-3 small" role="status">
          {done}
        </span>
      )}
      {deed.error !== null && <ErrorLine error={deed.error} />}
    </>
  );
}
