import { crashTest } from '../../bench/crash/crash-test.js';
import { CrashScene } from '../../bench/crash/scene.js';
import { SHORT } from '../../bench/crash/settings.js';
import type { CrashSettings } from '../../bench/crash/settings.js';
import { CLI } from './run-cli.js';

const scenes: CrashScene[] = [];
afterAll(() => Promise.all(scenes.map((scene) => scene.close())));

async function aScene(settings: Partial<CrashSettings> = {}): Promise<CrashScene> {
  const scene = await CrashScene.open({ ...SHORT, ...settings }, CLI);
  scenes.push(scene);
  return scene;
}

describe('scriptorium batch run', () => {
  it('writes every text exactly once, however often it is killed', async () => {
    const scene = await aScene();
    const { kills, exitCode, lines, wrong, auditFindings } = await crashTest(scene);
    expect(kills).not.toEqual([]);
    expect({ exitCode, lines, wrong, auditFindings }).toEqual({ exitCode: 0, lines: 8, wrong: [], auditFindings: [] });
  });

  it('shares a run among processes that start at once, and pays for no text twice', async () => {
    const scene = await aScene({ rate: 0, chapters: 6, words: 60 });
    const endings = await Promise.all([scene.start(), scene.start(), scene.start()].map(({ ended }) => ended));
    expect({
      codes: endings.map(({ code }) => code),
      lost: endings.filter(({ stderr }) => stderr.includes('another process has it now')).length,
      requests: scene.emulator.requests.length,
      exact: scene.outputs().filter(({ id, text }) => text === scene.textOf(id)).length,
    }).toEqual({ codes: [0, 0, 0], lost: 0, requests: 6, exact: 6 });
  });
});
