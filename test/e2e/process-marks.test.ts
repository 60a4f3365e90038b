import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { processMarks } from '../../src/chain/admit/process-marks.js';

const MARKS = new URL('../../dist/src/chain/admit/process-marks.js', import.meta.url).href;

/** A process that prints its mark and goes on. */
async function aProcess(): Promise<{ readonly child: ChildProcess; readonly mark: string }> {
  const program = `import('${MARKS}').then(({ processMarks }) => console.log(processMarks().own)); setInterval(() => 0, 1e6);`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [printed] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, mark: printed.toString().trim() };
}

describe('the mark of a process', () => {
  it('is gone once the process is killed, and not while it runs', async () => {
    const { own, isGone } = processMarks();
    const { child, mark } = await aProcess();
    const before = isGone(mark);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect({ before, after: isGone(mark), own: isGone(own), isOther: mark !== own }).toEqual({
      ...{ before: false, after: true, own: false, isOther: true },
    });
  });

  it('is gone where another process has its id, and never known of another machine, container or program', () => {
    const { own, isGone } = processMarks();
    const [boot, namespace, pid, start] = own.split('.');
    expect({
      reused: isGone([boot, namespace, pid, Number(start) - 1].join('.')),
      otherBoot: isGone(['0123456789ab', namespace, '99999999', start].join('.')),
      otherContainer: isGone([boot, '1', '99999999', start].join('.')),
      unmarked: ['', 'x', '4f1a'].map(isGone),
    }).toEqual({ reused: true, otherBoot: false, otherContainer: false, unmarked: [false, false, false] });
  });
});
