import { ConfigError } from 'scriptorium';
import type { OpenPipelineOptions } from 'scriptorium/plugin';
import { isOnThisMachine } from '../engine/open-journal.js';

/** How a worker keeps the limits of the vendor together with others. */
export interface WorkerLimits {
  readonly text: string;
  readonly config: OpenPipelineOptions['config'];
}

/** Where a worker works. */
interface Place {
  /** The address of the journal. */
  readonly journal: string;
  /** Whether a plugin keeps the limits elsewhere, for several machines. */
  readonly isLimitShared: boolean;
}

/**
 * Without a store in common, each machine keeps a part of each limit.
 * @param parts of which this machine keeps one
 * @throws ConfigError if workers on other machines would exceed the limits
 */
export function limitsFor({ isLimitShared, journal }: Place, parts: number | undefined): WorkerLimits {
  if (isLimitShared) {
    const share = parts === undefined ? undefined : { plugins: { redis: { share: `1/${parts}` } } };
    return { text: 'shared by all workers', config: share };
  }
  if (parts === undefined && !isOnThisMachine(journal))
    throw new ConfigError(
      'Workers on several machines have no store of limits in common. Set plugins.redis.url, or start the workers of each of, say, 4 machines with --share 1/4 (of a single machine: 1/1).',
    );
  if (parts === undefined || parts === 1) return { text: 'those of this machine alone', config: undefined };
  return { text: `1/${parts} of each for this machine`, config: { rateLimit: { parts } } };
}
