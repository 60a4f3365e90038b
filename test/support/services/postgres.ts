import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aFreePort } from './process.js';

/** A PostgreSQL of a test. */
export interface PostgresServer {
  /** Of the database `postgres`. */
  readonly url: string;
  readonly port: number;
  /** Creates an empty database, and returns its URL. */
  createDatabase(name: string): string;
  start(): void;
  /** `immediate` ends it without a checkpoint, as a crash does. */
  stop(mode?: 'fast' | 'immediate'): void;
  /** Stops it for good, and removes its folder. */
  remove(): void;
}

const VERSIONS = '/usr/lib/postgresql';

/** The folder of PostgreSQL's programs, of the newest version; undefined if it is not installed. */
export function postgresFolder(): string | undefined {
  if (!existsSync(VERSIONS)) return undefined;
  const [newest] = readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a));
  return newest === undefined ? undefined : join(VERSIONS, newest, 'bin');
}

/** Starts a PostgreSQL on a free port of the loopback, in a temporary folder. Everybody is let in. */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
  const bin = postgresFolder();
  if (bin === undefined) throw new Error('PostgreSQL is not installed. Install it with: apt-get install postgresql');
  const user = unprivileged();
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-postgres-'));
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid ?? user.uid);
  const [data, port] = [join(folder, 'data'), await aFreePort()];
  const run = (program: string, args: readonly string[]): void => {
    // Its server inherits the pipes and would keep them open.
    const { status } = spawnSync(join(bin, program), args, { ...user, cwd: folder, stdio: 'ignore' });
    if (status !== 0) throw new Error(`${program} ${args.join(' ')} has failed with ${status}`);
  };
  run('initdb', ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C.UTF-8']);
  const options = [`-p ${port}`, '-c listen_addresses=127.0.0.1', `-k ${folder}`, ...settings].join(' ');
  const start = (): void => run('pg_ctl', ['-D', data, '-l', join(folder, 'log'), '-o', options, '-w', 'start']);
  const stop = (mode: 'fast' | 'immediate' = 'fast'): void => run('pg_ctl', ['-D', data, '-m', mode, '-w', 'stop']);
  start();
  const url = (database: string): string => `postgres://postgres@127.0.0.1:${port}/${database}`;
  return {
    url: url('postgres'),
    port,
    createDatabase: (name) => {
      run('createdb', ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', name]);
      return url(name);
    },
    start,
    stop,
    remove: () => {
      try {
        stop('immediate');
      } catch {
        // It is stopped already.
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root. */
function unprivileged(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
