import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attemptOf, claim, commitOf, specOf } from '../../../../plugins/runs/testing/contract/builders.js';
import { commandScene } from './command-scene.js';
import type { CommandScene } from './command-scene.js';

const ARGUMENTS = ['export', 'book', '--journal'];

/** A run with one of two chapters written. */
async function begun(): Promise<CommandScene> {
  const scene = commandScene();
  const journal = await scene.journal();
  await journal.createRun(specOf(['one', 'two']));
  const { lease } = await claim(journal, 'one');
  await journal.commit(lease, commitOf('', 'Once upon a time.', { attempts: [attemptOf({ usd: 0.5 })] }));
  return scene;
}

function file(scene: CommandScene, text: string): string {
  const path = join(scene.folder, 'book.run.jsonl');
  writeFileSync(path, text);
  return path;
}

describe('batch export --journal', () => {
  it('prints a run that batch import adds to another journal, where it goes on', async () => {
    const from = await begun();
    const exported = await from.batch(ARGUMENTS);
    const to = commandScene();
    const [there, here] = [await to.journal(), await from.journal()];
    const imported = await to.batch(['import', file(to, exported.stdout)]);
    expect({ exported: { ...exported, stdout: '' }, imported }).toEqual({
      exported: {
        ...{ code: 0, error: undefined, stdout: '' },
        stderr: `Copied "book" with 2 items.\nIt is paused in ${here.name}. Go on with it in the other journal only.\n`,
      },
      imported: {
        ...{ code: 0, error: undefined, stdout: '' },
        stderr: `Added "book" with 2 items to ${there.name}.\nGo on with: scriptorium batch resume book\n`,
      },
    });
    expect(await there.records('book')).toEqual(await here.records('book'));
    expect({ here: (await here.status('book')).state, there: (await there.status('book')).state }).toEqual({
      here: 'paused',
      there: 'running',
    });
    const { lease } = await claim(there, 'two');
    await there.commit(lease, commitOf('', 'The end.', { attempts: [attemptOf({ usd: 0.5 })] }));
    expect((await to.batch(['import', file(to, exported.stdout)])).error).toContain('has the run "book" already');
    expect((await to.audit(['book'])).code).toBe(0);
  });

  it('refuses a run with items in flight, and leaves it as it is', async () => {
    const scene = await begun();
    const journal = await scene.journal();
    await claim(journal, 'two');
    const { error, stdout } = await scene.batch(ARGUMENTS);
    expect({ error, stdout, state: (await journal.status('book')).state }).toEqual({
      error:
        '1 item of "book" is in flight. Stop the workers, or wait for their end after: scriptorium batch pause book. Then export it again.',
      stdout: '',
      state: 'running',
    });
  });

  it('is not used together with -o', async () => {
    const { error } = await (await begun()).batch([...ARGUMENTS, '-o', 'x']);
    expect(error).toBe('batch: --journal prints the whole run; use it without -o and --texts.');
  });
});

describe('batch import', () => {
  const HEADING = 'It does not begin as a run does. Write one with: scriptorium batch export RUN --journal';

  it.each<[string, (text: string) => string, string]>([
    [
      'was cut',
      (text) => text.split('\n').slice(0, 2).join('\n'),
      'It was cut: its end is missing. Export the run again.',
    ],
    ['was cut within a line', (text) => text.slice(0, -5), 'Line 4 is not valid JSON. Export the run again.'],
    ['is empty', () => '', HEADING],
    ['is something else', () => '{"custom_id":"one"}\n', HEADING],
    [
      'has other items',
      (text) => text.replace('Write one.', 'Write 1.'),
      'Its items are not those of the run any more: the file was changed. Export the run again.',
    ],
    [
      'is of a later version',
      (text) => text.replace('"version":1', '"version":2'),
      'It has version 2, and this program knows 1. Install a newer scriptorium.',
    ],
  ])('refuses a file that %s', async (_name, change, reason) => {
    const { stdout } = await (await begun()).batch(ARGUMENTS);
    const to = commandScene();
    const path = file(to, change(stdout));
    expect(await to.batch(['import', path])).toMatchObject({ error: `${path} is not a run: ${reason}` });
    expect(await (await to.journal()).runs()).toEqual([]);
  });

  it('names what was changed in a text', async () => {
    const { stdout } = await (await begun()).batch(ARGUMENTS);
    const to = commandScene();
    const { code, stderr } = await to.batch(['import', file(to, stdout.replace('Once upon', 'Once under'))]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/differences? found\. See: scriptorium audit book\n$/) as string,
    });
  });

  it('names a file that is not there', async () => {
    expect((await commandScene().batch(['import', '/none/book.jsonl'])).error).toMatch(
      /^\/none\/book\.jsonl is not a run: ENOENT/,
    );
  });
});
