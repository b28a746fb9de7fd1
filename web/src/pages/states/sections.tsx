// The states, one entry a component.
import type { ComponentType } from 'react';
import { StaleBarAt } from '../../components/StaleBar';

export const sections: readonly { name: string; show: ComponentType }[] = [
  { name: 'StaleBar', show: () => <StaleBarAt answeredAt={Date.UTC(2026, 10, 20, 11, 42, 8)} /> },
];
