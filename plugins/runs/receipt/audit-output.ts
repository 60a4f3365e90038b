import { asObject, parseObject } from 'scriptorium/provider';
import { outputLine } from '../batch-file/output-line.js';
import { readLines } from '../batch-file/read-lines.js';
import type { ItemRecord } from '../journal/item.js';
import type { Journal } from '../journal/journal.js';
import type { RunStatus } from '../journal/run-status.js';
import type { Auditor } from './auditor.js';
import { differences } from './differences.js';
import { sha256Of } from './digest.js';
import { Findings } from './finding.js';
import type { Finding } from './finding.js';
import { unreadable } from './read-json.js';

/** A line of an output file. Its text is not kept. */
interface Line {
  /** From 1. */
  readonly number: number;
  readonly sha256: string;
}

/** The lines of a file by their custom_id, and the lines that cannot be an item's. */
interface Content {
  readonly lines: ReadonlyMap<string, Line>;
  readonly malformed: readonly Finding[];
}

/** An item that has ended, and so has a line. */
interface Ended {
  readonly item: string;
  readonly index: number;
  readonly since: number;
}

/** Compares the output file of a batch with the journal: which lines there are, their order, and every byte of their texts. */
export class OutputAudit implements Auditor {
  private readonly ended: Ended[] = [];
  private readonly differing = new Map<string, Ended>();

  private constructor(
    private readonly file: string,
    private readonly journal: Journal,
    private readonly content: Content,
  ) {}

  /** @throws RunError `invalid-spec` if the file cannot be read */
  static async open(file: string, journal: Journal, run: string): Promise<OutputAudit> {
    const lines = new Map<string, Line>();
    const findings = new Findings({ run, file });
    let number = 0;
    try {
      for await (const text of readLines(file)) {
        number += 1;
        const item = itemIn(text);
        if (item === undefined)
          findings.add({ field: `line ${number}`, found: 'a line without a custom_id', by: 'the format of outputs' });
        else if (lines.has(item))
          findings.add({ field: `line ${number}`, found: item, by: 'a line before it, which has the same custom_id' });
        else lines.set(item, { number, sha256: sha256Of(text ?? '') });
      }
    } catch (error) {
      throw unreadable(file, error);
    }
    return new OutputAudit(file, journal, { lines, malformed: findings.all });
  }

  take(record: ItemRecord): void {
    const line = outputLine(record);
    if (line === undefined) return;
    const { item, index, since } = record;
    this.ended.push({ item, index, since });
    const written = this.content.lines.get(item);
    if (written !== undefined && written.sha256 !== sha256Of(JSON.stringify(line)))
      this.differing.set(item, { item, index, since });
  }

  async end(run: RunStatus): Promise<readonly Finding[]> {
    return [...this.content.malformed, ...this.missing(run), ...this.misplaced(run), ...(await this.differences(run))];
  }

  /** An output of a run that has not ended has the lines of the items that had ended when it was written. */
  private missing({ id: run, endedAt }: RunStatus): readonly Finding[] {
    const known = new Set(this.ended.map(({ item }) => item));
    const surplus = [...this.content.lines].filter(([item]) => !known.has(item));
    const lost = endedAt === undefined ? [] : this.ended.filter(({ item }) => !this.content.lines.has(item));
    return [
      ...surplus.map(([found, { number }]) => ({
        ...this.about(run, found),
        field: `line ${number}`,
        found,
        by: 'the journal, in which it has not ended',
      })),
      ...lost.map(({ item }) => ({ ...this.about(run, item), field: 'line', expected: item, by: 'the journal' })),
    ];
  }

  /** The lines are in the order of the input, or in that in which the items have ended. */
  private misplaced({ id: run }: RunStatus): readonly Finding[] {
    const present = this.ended.filter(({ item }) => this.content.lines.has(item));
    const isInOrder = (items: readonly Ended[]): boolean => this.outOfOrder(items).length === 0;
    if (isInOrder(present.toSorted((a, b) => a.since - b.since || a.index - b.index))) return [];
    return this.outOfOrder(present).map(({ item, place }) => ({
      ...this.about(run, item),
      field: 'order',
      found: this.content.lines.get(item)?.number,
      expected: place,
      by: 'the order of the items',
    }));
  }

  private outOfOrder(items: readonly Ended[]): readonly { readonly item: string; readonly place: number }[] {
    const numbers = items.map(({ item }) => this.content.lines.get(item)?.number ?? 0);
    const sorted = numbers.toSorted((a, b) => a - b);
    return items.flatMap(({ item }, at) => (numbers[at] === sorted[at] ? [] : { item, place: sorted[at] ?? 0 }));
  }

  /** Reads the lines that differ once more, since they may be long. */
  private async differences({ id: run }: RunStatus): Promise<readonly Finding[]> {
    const found: Finding[] = [];
    if (this.differing.size === 0) return found;
    const seen = new Set<string>();
    for await (const text of readLines(this.file)) {
      const item = itemIn(text);
      const ended = item === undefined || seen.has(item) ? undefined : this.differing.get(item);
      if (item === undefined || ended === undefined) continue;
      seen.add(item);
      const [record] = await this.journal.records(run, { after: ended.index - 1, limit: 1 });
      const expected: unknown = record && JSON.parse(JSON.stringify(outputLine(record)));
      for (const { path, ...values } of differences(parseObject(text ?? ''), expected))
        found.push({ ...this.about(run, item), field: path, ...values, by: 'the journal' });
    }
    return found;
  }

  private about(run: string, item: string): Pick<Finding, 'run' | 'item' | 'file'> {
    return { run, item, file: this.file };
  }
}

function itemIn(text: string | undefined): string | undefined {
  const id = asObject(parseObject(text ?? ''))?.['custom_id'];
  return typeof id === 'string' ? id : undefined;
}
