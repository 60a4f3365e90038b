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
    const { connection, tag, name } = this.parts;
    const reply = await connection.run(MARK, [connection.key(tag, 'marks')], [name, markText(own), ...this.gone]);
    const all = reply as readonly RedisReply[];
    this.gone = all.flatMap((worker, index) => {
      const mark = index % 2 === 0 ? readMark(String(all[index + 1])) : undefined;
      return mark !== undefined && isGone(mark, own) ? [String(worker)] : [];
    });
    return this.gone;
  }
}
