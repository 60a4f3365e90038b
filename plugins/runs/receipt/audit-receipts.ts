import { readFile } from 'node:fs/promises';
import { asObject } from 'scriptorium/provider';
import type { ItemRecord } from '../journal/item.js';
import type { RunStatus } from '../journal/run-status.js';
import type { Auditor } from './auditor.js';
import { differences } from './differences.js';
import { Findings } from './finding.js';
import type { Finding } from './finding.js';
import { readJson } from './read-json.js';
import { receiptOf } from './receipt.js';

/** Compares a file with one exported receipt, or a list of them, with the journal. */
export class ReceiptsAudit implements Auditor {
  private readonly found: Finding[] = [];
  private readonly left: Map<string, unknown>;

  private constructor(
    private readonly file: string,
    receipts: readonly unknown[],
  ) {
    this.left = new Map(receipts.map((receipt) => [String(asObject(receipt)?.['item']), receipt]));
  }

  /** @throws RunError `invalid-spec` if the file cannot be read, or is not JSON */
  static async open(file: string): Promise<ReceiptsAudit> {
    const json = await readJson(file, () => readFile(file, 'utf8'));
    return new ReceiptsAudit(file, Array.isArray(json) ? json : [json]);
  }

  take(record: ItemRecord): void {
    const { run, item } = record;
    const receipt = this.left.get(item);
    if (receipt === undefined) return;
    this.left.delete(item);
    const findings = new Findings({ run, item, file: this.file });
    for (const { path, ...values } of differences(receipt, JSON.parse(JSON.stringify(receiptOf(record)))))
      findings.add({ field: path, ...values, by: 'the journal' });
    this.found.push(...findings.all);
  }

  end({ id: run }: RunStatus): readonly Finding[] {
    const strangers = [...this.left.keys()].map((found) => ({
      run,
      file: this.file,
      field: 'item',
      found,
      by: 'the items of the run',
    }));
    return [...this.found, ...strangers];
  }
}
