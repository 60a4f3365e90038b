import { describe } from '@jest/globals';
import { postgresFolder } from './postgres.js';
import { programAt } from './process.js';

/** The programs that some tests need, by the Debian package that has them. */
const THERE: Readonly<Record<string, () => boolean>> = {
  'redis-server': () => programAt('redis-server') !== undefined,
  postgresql: () => postgresFolder() !== undefined,
  epubcheck: () => programAt('epubcheck') !== undefined,
  iproute2: () => programAt('ip') !== undefined && process.getuid?.() === 0,
};

/**
 * `describe` for tests that need services. Where one is not installed they are skipped with a message; under `CI` they fail.
 * @example describeWith(['redis-server'], 'limits on Redis', () => { … });
 */
export function describeWith(packages: readonly (keyof typeof THERE)[], title: string, tests: () => void): void {
  const missing = packages.filter((name) => THERE[name]?.() !== true);
  if (missing.length === 0 || process.env.CI !== undefined) describe(title, tests);
  else describe.skip(`${title} (skipped: install ${missing.join(' and ')})`, tests);
}
