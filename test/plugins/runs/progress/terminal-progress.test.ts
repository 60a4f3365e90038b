import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { GenerationError } from 'scriptorium';
import { terminalProgress } from '../../../../plugins/runs/progress/terminal-progress.js';
import { aRun } from '../batch-file/a-run.js';

/** A terminal that can be resized, and what was written to it. */
function aTerminal(columns = 80, rows = 24) {
  let written = '';
  const stream = new Writable({
    decodeStrings: false,
    write: (text: string, _, done) => {
      written += text;
      done();
    },
  });
  const terminal = Object.assign(stream, { isTTY: true, columns, rows });
  return { terminal, take: () => [written, (written = '')][0]! };
}

async function aDisplay(isColoured = false) {
  const run = await aRun(['a', 'b']);
  const { terminal, take } = aTerminal();
  const { clock, journal } = run;
  const progress = terminalProgress({ terminal, journal, clock, isColoured });
  progress.take({ type: 'run-start', run: await journal.status(run.id), isNew: true });
  return { run, progress, terminal, take };
}

describe('the display on a terminal', () => {
  it('is redrawn in place: moves up by as many lines as it has drawn', async () => {
    const { run, progress, take } = await aDisplay();
    progress.take({ type: 'item-start', item: 'a', epoch: 1, text: '' });
    run.clock.advance(250);
    take();
    run.clock.advance(250);
    expect(take()).toBe(
      `\u001b[4A\r\u001b[Jada  0 of 2 done\n${'─'.repeat(60)}   0 %\n  a     0 words  starts\n0 words · 0 tokens/s · $0.00\n`,
    );
    progress.close();
  });

  it('moves up by the broken lines of a terminal that has become narrower', async () => {
    const { run, progress, terminal, take } = await aDisplay();
    run.clock.advance(250);
    take();
    terminal.columns = 20;
    run.clock.advance(250);
    // 17, 66 and 28 columns take 1, 4 and 2 lines of 20.
    expect(take()).toMatch(/^\u001b\[7A\r\u001b\[J/);
    progress.close();
  });

  it('keeps failures above it, and shows the sums of the journal', async () => {
    const { run, progress, take } = await aDisplay();
    await run.done((await run.claim()).lease, 'One two.');
    take();
    progress.take({ type: 'item-failed', item: 'b', error: new GenerationError('internal', 'Bad \u001b[2Jmodel.') });
    expect(take()).toMatch(/\u001b\[J(b: failed: Bad model\.)\nada {2}0 of 2 done\n/);
    for (let tick = 0; tick < 5; tick += 1) {
      run.clock.advance(250);
      await new Promise(setImmediate);
    }
    expect(take()).toContain('ada  1 of 2 done');
    progress.close();
  });

  it('comes back below the lines that others write to the same terminal', async () => {
    const { progress, terminal, take } = await aDisplay();
    take();
    const calls: string[] = [];
    terminal.write('12:00:00 warn the vendor is slow\n', () => calls.push('written'));
    const written = take();
    terminal.write(Buffer.from('half a '));
    const half = take();
    terminal.write('line\nand more');
    const whole = take();
    progress.close();
    const end = take();
    terminal.write('afterwards\n');
    await new Promise(setImmediate);
    expect({ written, half, whole, end, after: take(), calls }).toEqual({
      written: expect.stringMatching(/^\u001b\[3A\r\u001b\[J12:00:00 warn the vendor is slow\nada {2}0 of 2 done\n/),
      half: '',
      whole: expect.stringMatching(/^\u001b\[3A\r\u001b\[Jhalf a line\nada {2}0 of 2 done\n/),
      end: '\u001b[3A\r\u001b[Jand more\u001b[?25h',
      after: 'afterwards\n',
      calls: ['written'],
    });
    expect(Object.hasOwn(terminal, 'write')).toBe(false);
  });

  it('takes itself away at the end, gives the cursor back, and leaves no timer', async () => {
    const { run, progress, take } = await aDisplay();
    expect(take()).toMatch(/^\u001b\[\?25l/);
    progress.close();
    expect(take()).toMatch(/\u001b\[\d+A\r\u001b\[J\u001b\[\?25h$/);
    run.clock.advance(10_000);
    progress.take({ type: 'item-lost', item: 'a' });
    expect(take()).toBe('');
  });

  it('has colours only where they are wanted', async () => {
    const [plain, coloured] = [await aDisplay(false), await aDisplay(true)];
    expect({ plain: /\u001b\[\d+m/.test(plain.take()), coloured: /\u001b\[\d+m/.test(coloured.take()) }).toEqual({
      plain: false,
      coloured: true,
    });
    plain.progress.close();
    coloured.progress.close();
  });
});
