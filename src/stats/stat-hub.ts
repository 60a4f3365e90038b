import type { Clock } from '../core/clock.js';
import { fenced } from '../core/fenced.js';
import type { Logger } from '../core/ports.js';
import type { Stat } from '../core/stats.js';

/** A sink that takes longer than this for one record holds everybody up, and is named in the log. */
const SLOW_MS = 20;

/** A sink as it may really be: what should return nothing may be an async function. */
interface AnySink {
  readonly name: string;
  record(stat: Stat): unknown;
}

/** Fans every stat out to the sinks. A sink can fail or dawdle, but never reach the generation; each fault is logged once a sink. */
export class StatHub {
  private readonly complaints = new Set<string>();

  constructor(private readonly sinks: readonly AnySink[], private readonly logger: Logger, private readonly clock: Clock) {}

  readonly record = (stat: Stat): void => {
    for (const sink of this.sinks) this.offer(sink, stat);
  };

  private offer(sink: AnySink, stat: Stat): void {
    const before = this.clock.monotonic();
    try {
      const result = sink.record(stat);
      if (result !== undefined) void Promise.resolve(result).catch((error: unknown) => this.complain(sink, 'rejected', error));
    } catch (error) {
      this.complain(sink, 'threw', error);
    }
    const tookMs = this.clock.monotonic() - before;
    if (tookMs > SLOW_MS) this.complain(sink, `took ${Math.round(tookMs)} ms`, undefined);
  }

  private readonly complain = fenced((sink: AnySink, what: string, error: unknown): void => {
    const kind = `${sink.name} ${what.split(' ')[0] ?? ''}`;
    if (this.complaints.has(kind)) return;
    this.complaints.add(kind);
    this.logger.warn(`stat sink "${sink.name}" ${what}; further ones like this are not logged`, { sink: sink.name, ...(error instanceof Error && { reason: error.message }) });
  });
}
