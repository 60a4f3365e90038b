import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ManualClock } from '../../../../src/testing.js';
import { aFolder, aJournal, anItem, aSpec, claimed, SOURCE } from './journals.js';

const folder = aFolder();
const REMOVED = { code: 'unavailable', message: expect.stringContaining('Put it back') as string };

describe('a journal whose file is moved away while it is in use', () => {
  it('does not make an empty one in its place, and goes on when the file is back', async () => {
    const file = join(folder, 'runs.db');
    const clock = new ManualClock();
    const journal = await aJournal(file, clock);
    await journal.createRun(aSpec([anItem('one')]));
    const { lease } = await claimed(journal);
    renameSync(file, `${file}.away`);
    clock.advance(1_000);
    await expect(journal.renew(lease, 30_000)).rejects.toMatchObject(REMOVED);
    await expect(journal.renew(lease, 30_000)).rejects.toMatchObject(REMOVED);
    expect(existsSync(file)).toBe(false);
    renameSync(`${file}.away`, file);
    await journal.checkpoint(lease, { append: [{ at: 0, text: 'Hello', source: SOURCE }] });
    expect(await journal.records('book')).toMatchObject([{ item: 'one', state: 'leased', text: 'Hello' }]);
  });

  it('is not begun anew beside its latest changes', async () => {
    const file = join(folder, 'moved.db');
    const journal = await aJournal(file);
    await journal.createRun(aSpec([anItem('one')]));
    renameSync(file, `${file}.away`);
    await expect(aJournal(file)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`${file}-wal with its latest changes is there`) as string,
    });
    rmSync(`${file}-wal`);
    await expect((await aJournal(file)).runs()).resolves.toEqual([]);
  });
});
