import type { Format } from 'scriptorium/plugin';

const SHARE = /^1\/([1-9]\d{0,3})$/;

/** The format of `plugins.redis.share`. */
export const shareFormat: Format<string> = {
  description: 'one of a number of equal parts, such as 1/4, or empty',
  read: (value) => (typeof value === 'string' && (value === '' || SHARE.test(value)) ? value : undefined),
};

/** The number of equal parts of which a process has one; 0 without a share. */
export function readShare(text: string): number {
  return Number(SHARE.exec(text)?.[1] ?? 0);
}
