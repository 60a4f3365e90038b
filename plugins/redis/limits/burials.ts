import type { RedisConnection, RedisReply } from '../connection.js';
import { isGone, markText, ownMark, readMark } from '../workers/process-mark.js';
import { MARK } from './worker-scripts.js';

/** Finds workers whose processes have died on this machine, so that their shares need not be set aside. */
export class Burials {
  private readonly own = ownMark();
  private gone: readonly string[] = [];

  constructor(
    private readonly parts: { readonly connection: RedisConnection; readonly tag: string; readonly name: string },
  ) {}

  /** Shows the process of this worker, and returns the workers that have died. */
  async look(): Promise<readonly string[]> {
    const { own } = this;
    if (own === undefined) return [];
    const all = (await this.mark(markText(own), this.gone)) as readonly RedisReply[];
    const verdicts = new Map<string, boolean>();
    this.gone = all.flatMap((worker, index) => {
      if (index % 2 === 1) return [];
      const text = String(all[index + 1]);
      const mark = readMark(text);
      const verdict = verdicts.get(text) ?? (mark !== undefined && isGone(mark, own));
      verdicts.set(text, verdict);
      return verdict ? [String(worker)] : [];
    });
    return this.gone;
  }

  /** The worker leaves. */
  async leave(): Promise<void> {
    if (this.own !== undefined) await this.mark('', []);
  }

  private mark(text: string, gone: readonly string[]): Promise<RedisReply> {
    const { connection, tag, name } = this.parts;
    return connection.run(MARK, [connection.key(tag, 'marks')], [name, text, ...gone]);
  }
}
