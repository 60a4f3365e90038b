import { countWords } from 'scriptorium';
import { sumCost } from 'scriptorium/plugin';
import type { ItemDigests, ItemRecord, JournalAttempt } from '../journal/item.js';
import { itemDigests, sha256Of } from './digest.js';
import { Findings } from './finding.js';
import type { Finding } from './finding.js';

/** Checks an item against itself: its text, its spans, its attempts, its sums and its state. */
export function auditItem(record: ItemRecord): readonly Finding[] {
  const findings = new Findings({ run: record.run, item: record.item });
  const bytes = Buffer.from(record.text);
  auditText(record, bytes, findings);
  auditSpans(record, bytes, findings);
  auditAttempts(record, findings);
  auditState(record, findings);
  auditDigests(record, bytes, findings);
  return findings.all;
}

function auditText({ bytes, state, sha256, words, text }: ItemRecord, content: Buffer, findings: Findings): void {
  const by = 'its text';
  findings.compare({ field: 'bytes', found: bytes, expected: content.length, by });
  if (state !== 'done') return;
  findings.compare({ field: 'sha256', found: sha256, expected: sha256Of(content), by });
  findings.compare({ field: 'words', found: words, expected: countWords(text), by });
}

/** The spans follow each other from the first byte to the last, and begin where a character does. */
function auditSpans({ spans, records }: ItemRecord, content: Buffer, findings: Findings): void {
  const attempts = new Map(records.map((attempt) => [nameOf(attempt), attempt]));
  const end = spans.reduce((at, { from, to, ...source }, index) => {
    const field = `spans[${index}]`;
    findings.compare({ field: `${field}.from`, found: from, expected: at, by: 'the end of the span before' });
    if (!(to > from)) findings.add({ field: `${field}.to`, found: to, expected: from + 1, by: 'its begin, at least' });
    if (isInsideCharacter(content, from))
      findings.add({ field: `${field}.from`, found: from, by: 'the text, which has no character that begins there' });
    const attempt = attempts.get(nameOf(source));
    if (attempt === undefined) findings.add({ field: `${field}.attempt`, found: nameOf(source), by: 'its attempts' });
    for (const part of ['provider', 'model'] as const)
      if (attempt !== undefined)
        findings.compare({
          field: `${field}.${part}`,
          found: source[part],
          expected: attempt[part],
          by: `the attempt ${nameOf(attempt)}`,
        });
    return to;
  }, 0);
  if (end !== content.length)
    findings.add({ field: 'spans', found: end, expected: content.length, by: 'the bytes of its text' });
}

function auditAttempts(record: ItemRecord, findings: Findings): void {
  const { records, state, attempts, inputTokens, outputTokens, cost } = record;
  const names = records.map(nameOf);
  names.forEach((name, index) => {
    if (names.indexOf(name) !== index)
      findings.add({ field: `records[${index}]`, found: name, by: 'an attempt before it, which has the same name' });
  });
  records.forEach(({ outcome }, index) => {
    if (outcome === 'running' && state !== 'leased')
      findings.add({
        field: `records[${index}].outcome`,
        found: outcome,
        expected: 'lost',
        by: `its state, "${state}"`,
      });
  });
  const by = 'the sum over its attempts';
  const usages = records.map(({ usage }) => usage);
  findings.compare({ field: 'attempts', found: attempts, expected: records.length, by });
  findings.compare({ field: 'inputTokens', found: inputTokens, expected: total(records, 'inputTokens'), by });
  findings.compare({ field: 'outputTokens', found: outputTokens, expected: total(records, 'outputTokens'), by });
  findings.compareCost(cost, sumCost(usages), { amounts: usages.length, by });
}

function auditState({ state, result, sha256, error, worker, epoch }: ItemRecord, findings: Findings): void {
  const by = `its state, "${state}"`;
  const isDone = state === 'done';
  const expect = (field: string, value: unknown, isExpected: boolean): void => {
    if ((value !== undefined) === isExpected) return;
    findings.add({ field, by, ...(isExpected ? { expected: 'a value' } : { found: value }) });
  };
  expect('result', result, isDone);
  expect('sha256', sha256, isDone);
  expect('worker', worker, state === 'leased');
  if (state === 'failed') expect('error', error, true);
  if (isDone || state === 'leased' || state === 'failed')
    if (!(epoch >= 1)) findings.add({ field: 'epoch', found: epoch, expected: 1, by: `${by}, at least` });
}

/** A change that leaves all sums alone shows here. */
function auditDigests({ digests, ...record }: ItemRecord, content: Buffer, findings: Findings): void {
  const { state, result, words, epoch } = record;
  if (digests === undefined) {
    if (epoch > 0 && state !== 'leased')
      findings.add({ field: 'digests', expected: 'those of its last lease', by: `its epoch, ${epoch}` });
    return;
  }
  const found = itemDigests({
    ...record,
    sha256: sha256Of(content),
    ...(state === 'done' ? { result, words } : { result: undefined }),
  });
  for (const part of Object.keys(found) as (keyof ItemDigests)[])
    findings.compare({
      field: `digests.${part}`,
      found: found[part],
      expected: digests[part],
      by: `the digest of its ${part} that was kept when its last lease ended`,
    });
}

function nameOf({ generation, attempt }: Pick<JournalAttempt, 'generation' | 'attempt'>): string {
  return `${generation}#${attempt}`;
}

function total(records: readonly JournalAttempt[], count: 'inputTokens' | 'outputTokens'): number {
  return records.reduce((sum, { usage }) => sum + usage[count], 0);
}

/** UTF-8 continues a character with bytes of the form 10xxxxxx. */
function isInsideCharacter(content: Buffer, at: number): boolean {
  const byte = content[at];
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
