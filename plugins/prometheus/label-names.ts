import type { Format } from 'scriptorium/plugin';

/** Labels that come from what has happened itself; all others of the allow-list are read from `labels` of the request. */
export const OWN_LABELS = ['provider', 'model', 'outcome'] as const;

/** Names that mean something else to Prometheus, or on one of these metrics. */
const TAKEN: ReadonlySet<string> = new Set([
  'le',
  'quantile',
  'job',
  'instance',
  'kind',
  'source',
  'reason',
  'error_code',
]);

/** The allow-list of labels; in the environment separated by commas. */
export const labelNames: Format<readonly string[]> = {
  description: `a list of label names without repetition: letters, digits and underscores, none of ${[...TAKEN].join(', ')}`,
  read: (value) => {
    const names: unknown =
      typeof value === 'string'
        ? value
            .split(',')
            .map((name) => name.trim())
            .filter((name) => name !== '')
        : value;
    return Array.isArray(names) && names.every(isUsable) && new Set(names).size === names.length ? names : undefined;
  },
};

function isUsable(name: unknown): name is string {
  return typeof name === 'string' && /^[A-Za-z][A-Za-z0-9_]*$/.test(name) && !TAKEN.has(name);
}
