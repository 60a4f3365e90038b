import { describe, expect, it } from '@jest/globals';
import { batchArguments } from '../../../../plugins/runs/commands/batch-arguments.js';

describe('the arguments of scriptorium batch', () => {
  it('are read', () => {
    const args = 'run in.jsonl -o out.jsonl --name ada --concurrency 8 --budget 2.50 -l book=ada -l a=b=c --wait'.split(
      ' ',
    );
    expect(batchArguments([...args, '--order', 'completion', '--force'])).toEqual({
      ...{ action: 'run', words: ['in.jsonl'], output: 'out.jsonl', name: 'ada', concurrency: 8, budgetUsd: 2.5 },
      labels: { book: 'ada', a: 'b=c' },
      ...{ wait: true, order: 'completion', force: true, watch: false, json: false, journal: false },
      ...{ engine: 'local', detach: false, interactive: false },
    });
    expect(batchArguments('run in.jsonl --engine bullmq --interactive --detach'.split(' '))).toMatchObject({
      ...{ engine: 'bullmq', detach: true, interactive: true },
    });
    expect(batchArguments(['prune', '--older-than', '30d'])).toMatchObject({ olderThanMs: 30 * 86_400_000 });
  });

  it.each([[[]], [['help']], [['run', '--help']], [['-h']]])('ask for the help: %j', (args) => {
    expect(batchArguments(args).action).toBe('help');
  });

  it.each([
    [
      'lst',
      '"lst" is not known. Use one of run, status, resume, pause, cancel, list, prune, export, import, requeue, migrate. Did you mean "list"?',
    ],
    ['run', 'IN.jsonl is missing. Use: scriptorium batch run IN.jsonl'],
    ['cancel a b c', '"c" is one word too many. Use: scriptorium batch cancel RUN [ITEM]'],
    ['pause a --force', '"batch pause" has no option --force. See: scriptorium batch --help'],
    ['run a --budget two', '--budget is "two"; it must be US dollars, such as 2.50, or 0 for no limit.'],
    ['run a --budget=-1', '--budget is "-1"; it must be US dollars, such as 2.50, or 0 for no limit.'],
    ['run a --concurrency 0', '--concurrency is "0"; it must be a whole number from 1 to 10000.'],
    ['run a --label book', '--label is "book"; it must look like book=ada.'],
    ['run a --order random', '--order is "random"; it must be input or completion.'],
    ['run a --engine bull', '--engine is "bull"; it must be local or bullmq.'],
    ['run a --detach', '--detach needs --engine bullmq.'],
    ['run a --output=', '-o is empty.'],
    ['prune --older-than 30', '--older-than is "30"; it must be a number with m, h, d or w, such as 30d.'],
  ])('say what would be right: %s', (line, message) => {
    expect(() => batchArguments(line.split(' '))).toThrow(`batch: ${message}`);
  });
});
