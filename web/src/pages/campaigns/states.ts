// Where a campaign stands: its word, tag and what may be done from there.
import type { components } from '../../api/schema';
import type { IconName } from '../../components/Icon';

export type Campaign = components['schemas']['Campaign'];
export type Detail = components['schemas']['CampaignDetail'];
export type Standing = Campaign['state'];
export type Deed = 'start' | 'pause' | 'resume' | 'stop';

export const STANDINGS: readonly Standing[] = ['draft', 'running', 'paused', 'stopped'];

export const tones: Record<Standing, readonly [tone: string, icon: IconName]> = {
  draft: ['plain', 'pencil'],
  running: ['ok', 'play'],
  paused: ['warn', 'pause'],
  stopped: ['plain', 'minus'],
};

/** What may be done, the most wanted first. */
export const deeds: Record<Standing, readonly Deed[]> = {
  draft: ['start'],
  running: ['pause', 'stop'],
  paused: ['resume', 'stop'],
  stopped: ['start'],
};
