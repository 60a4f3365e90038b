import { describe, expect, it } from '@jest/globals';
import { audit } from 'scriptorium/plugins/runs';
import { aRun, frozenJournal } from './frozen-journal.js';
import { randomOf, tamper } from './tamper.js';

describe('tampering with a journal', () => {
  it('is named 1,000 times of 1,000, with the item that was changed', async () => {
    const random = randomOf(20_261_128);
    const unnamed: unknown[] = [];
    const kinds = new Set<string>();
    for (let turn = 0; turn < 1_000; turn += 1) {
      const { change, item, ...tampered } = tamper(aRun(), random);
      kinds.add(change);
      const findings = await audit(frozenJournal(tampered), { run: 'ada' });
      if (!findings.some((finding) => finding.item === item)) unnamed.push({ turn, change, item, findings });
    }
    expect({ unnamed, kinds: kinds.size }).toEqual({ unnamed: [], kinds: 18 });
  });
});
