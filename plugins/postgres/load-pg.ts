import type pg from 'pg';
import { RunError } from 'scriptorium/plugins/runs';

/** The package pg. */
export type Pg = Pick<typeof pg, 'Client' | 'Pool' | 'types'>;

/** Loads pg. @throws RunError `unavailable` that names the package to install, if it is missing */
export async function loadPg(load: () => Promise<{ readonly default: Pg }> = () => import('pg')): Promise<Pg> {
  try {
    return (await load()).default;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
    throw new RunError(
      'unavailable',
      'A journal on PostgreSQL needs the package pg, which is not installed: npm i pg@8',
      {
        cause: error,
      },
    );
  }
}
