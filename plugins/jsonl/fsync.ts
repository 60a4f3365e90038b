import type { Format } from 'scriptorium/plugin';

/** When written lines are forced onto the disk: never, with every batch, or at the latest so many milliseconds after. */
export type Fsync = 'never' | 'always' | number;

const LONGEST_MS = 86_400_000;

export const fsyncFormat: Format<Fsync> = {
  description: `"never", "always", or milliseconds from 1 to ${LONGEST_MS}`,
  read: (value) => {
    if (value === 'never' || value === 'always') return value;
    const ms = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof ms === 'number' && Number.isInteger(ms) && ms >= 1 && ms <= LONGEST_MS ? ms : undefined;
  },
};
