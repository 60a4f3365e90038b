import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { crashTest } from '../../bench/crash/crash-test.js';
import { CrashScene } from '../../bench/crash/scene.js';
import { SHORT } from '../../bench/crash/settings.js';
import { startProgram } from '../../bench/crash/program.js';
import type { CrashSettings } from '../../bench/crash/settings.js';
import { audit } from '../../plugins/runs/index.js';
import { postgresJournal } from '../../plugins/postgres/index.js';
import { systemClock } from '../../src/plugin.js';
import { eventually } from '../support/eventually.js';
import { describeWith } from '../support/services/needs.js';
import { startPostgres } from '../support/services/postgres.js';
import type { PostgresServer } from '../support/services/postgres.js';
import { CLI } from './run-cli.js';

describeWith(['postgresql'], 'scriptorium batch run on PostgreSQL', () => {
  let server: PostgresServer;
  let databases = 0;
  const scenes: CrashScene[] = [];
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(async () => {
    await Promise.all(scenes.map((scene) => scene.close()));
    server.remove();
  });

  async function aScene(settings: Partial<CrashSettings> = {}): Promise<CrashScene> {
    const journal = server.createDatabase(`d${(databases += 1)}`);
    const scene = await CrashScene.open({ ...SHORT, journal, ...settings }, CLI);
    scenes.push(scene);
    return scene;
  }

  const exactTexts = (scene: CrashScene): number =>
    scene.outputs().filter(({ id, text }) => text === scene.textOf(id)).length;

  it('says how to prepare the database, and prepares it', async () => {
    const scene = await aScene({ rate: 0, chapters: 1, words: 20 });
    const name = scene.journal.replace('postgres@', '');
    const refused = await scene.start().ended;
    expect({ code: refused.code, stderr: refused.stderr.trim(), requests: scene.emulator.requests.length }).toEqual({
      code: 2,
      stderr: `scriptorium: The journal ${name} has no tables yet. Prepare it with: scriptorium batch migrate`,
      requests: 0,
    });
    const migrated = await scene.command('batch', 'migrate').ended;
    expect({ code: migrated.code, stderr: migrated.stderr.trim() }).toEqual({
      code: 0,
      stderr: 'The journal has version 1 now; it was 0.',
    });
    expect({ code: (await scene.start().ended).code, exact: exactTexts(scene) }).toEqual({ code: 0, exact: 1 });
  });

  it('writes every text exactly once, however often its process is killed', async () => {
    const scene = await aScene();
    await scene.command('batch', 'migrate').ended;
    const { kills, exitCode, lines, wrong, auditFindings } = await crashTest(scene);
    expect(kills).not.toEqual([]);
    expect({ exitCode, lines, wrong, auditFindings }).toEqual({ exitCode: 0, lines: 8, wrong: [], auditFindings: [] });
  });

  it('takes over a run from a file, through a pipe, and finishes it there', async () => {
    const scene = await aScene({ rate: 0, chapters: 4, words: 200, concurrency: 2 });
    await scene.command('batch', 'migrate').ended;
    const [postgres, file] = [scene.journal, 'sqlite:runs.db'];
    const env = { OPENROUTER_API_KEY: 'sk-or-v1-crash', OPENROUTER_BASE_URL: scene.emulator.url };
    const args = ['batch', 'run', 'book.jsonl', '-o', scene.out, '--concurrency', '2'];
    const inFile = startProgram(CLI, args, {
      folder: scene.folder,
      env: { ...env, SCRIPTORIUM_PLUGINS_RUNS_JOURNAL: file },
    });
    await eventually(() => scene.emulator.requests.filter(({ text }) => text.length > 100).length >= 3);
    inFile.child.kill('SIGTERM');
    await inFile.ended;
    const shell = (journal: string, ...args: readonly string[]): string =>
      `SCRIPTORIUM_PLUGINS_RUNS_JOURNAL='${journal}' ${[process.execPath, CLI, 'batch', ...args].join(' ')}`;
    const pipe = `${shell(file, 'export', 'book', '--journal')} | ${shell(postgres, 'import')}`;
    execFileSync('bash', ['-o', 'pipefail', '-c', pipe], {
      cwd: scene.folder,
      env: { ...process.env, ...env },
      stdio: 'pipe',
    });
    expect((await scene.command('batch', 'resume', 'book').ended).code).toBe(0);
    const journal = await postgresJournal(postgres, { clock: systemClock });
    expect({
      exact: exactTexts(scene),
      findings: await audit(journal, { run: 'book', files: [scene.out] }),
    }).toEqual({ exact: 4, findings: [] });
    await journal.close();
  });

  it('goes on by itself in several processes when the server crashes, and each item keeps its owner', async () => {
    const scene = await aScene({ rate: 0, chapters: 6, words: 200 });
    await scene.command('batch', 'migrate').ended;
    const programs = [scene.start(), scene.start()];
    const count = (words: string): readonly number[] => programs.map(({ stderr }) => stderr().split(words).length - 1);
    const aways = (): readonly number[] => count('New text is kept in memory');
    const areBack = (): boolean => aways().every((times, at) => times === count('can be written again')[at]);
    const areOver = (): boolean => programs.every(({ child }) => child.exitCode !== null);
    await eventually(() => count('Run "book"').every((times) => times > 0) || areOver());
    for (const begun of [4, 6]) {
      await eventually(() => scene.emulator.requests.filter(({ text }) => text.length > 100).length >= begun);
      await eventually(() => areBack() || areOver());
      const before = aways();
      server.stop('immediate');
      await eventually(() => aways().some((times, at) => times > (before[at] ?? 0)) || areOver());
      server.start();
    }
    const endings = await Promise.all(programs.map(({ ended }) => ended));
    const journal = await postgresJournal(scene.journal, { clock: systemClock });
    expect({
      endings: endings.map(({ code, stderr }) => (code === 0 ? 0 : stderr)),
      exact: exactTexts(scene),
      claims: (await journal.items('book')).map(({ epoch }) => epoch),
      findings: await audit(journal, { run: 'book', files: [scene.out] }),
    }).toEqual({ endings: [0, 0], exact: 6, claims: [1, 1, 1, 1, 1, 1], findings: [] });
    await journal.close();
  });
});
