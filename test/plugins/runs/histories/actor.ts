import type { ManualClock } from 'scriptorium/testing';
import { commitOf, sourceOf, workerOf } from '../../../../plugins/runs/testing/contract/builders.js';
import type { ClaimedItem, ItemProgress } from '../../../../plugins/runs/journal/item.js';
import type { Journal } from '../../../../plugins/runs/journal/journal.js';
import { RunError } from '../../../../plugins/runs/journal/run-error.js';
import type { Command, Progress } from './command.js';
import { runNameOf, shapeOf } from './shapes.js';

/** Plays a history on one journal, with names in place of its own ids, so that the answers of two can be compared. */
export class Actor {
  private readonly names = new Map<string, string>();
  private readonly claims: ClaimedItem[] = [];
  private readonly ends = new Map<string, number>();

  constructor(
    private readonly journals: readonly [Journal, ...Journal[]],
    private readonly clock: ManualClock,
    private readonly dead: Set<string>,
  ) {}

  /** The answer to a command: its value, or the code and the message of its refusal. */
  async play(command: Command, step: number): Promise<unknown> {
    const journal = this.journals[step % this.journals.length] ?? this.journals[0];
    try {
      return this.named(await this.send(journal, command));
    } catch (error) {
      if (!RunError.is(error)) throw error;
      return { refused: error.code, message: this.named(error.message) };
    }
  }

  /** Everything that the journal shows. */
  async state(): Promise<unknown> {
    const [journal] = this.journals;
    const runs = await journal.runs();
    const records = await Promise.all(runs.map(({ id }) => journal.records(id)));
    for (const record of records.flat()) this.ends.set(`${record.run}/${record.item}`, record.bytes);
    return this.named({ runs, records });
  }

  private async send(journal: Journal, command: Command): Promise<unknown> {
    switch (command.type) {
      case 'create': {
        const { run, isNew } = await journal.createRun(shapeOf(command));
        this.names.set(run.id, run.name);
        return { run, isNew };
      }
      case 'claim':
        return this.claim(journal, command);
      case 'pause':
        return journal.pause(runNameOf(command.run));
      case 'resume':
        return journal.resume(runNameOf(command.run), command.limits);
      case 'cancel':
        return journal.cancel(runNameOf(command.run), command.item === undefined ? undefined : 'abcdef'[command.item]);
      case 'prune':
        return journal.prune(command.olderThanMs);
      case 'kill':
        this.dead.add(`w${command.worker}`);
        return undefined;
      case 'pass':
        this.clock.advance(command.ms);
        return undefined;
      case 'set-clock':
        this.clock.set(this.clock.now() + command.byMs);
        return undefined;
      default:
        return this.write(journal, command);
    }
  }

  private async claim(
    journal: Journal,
    { worker, run, leaseMs }: Extract<Command, { type: 'claim' }>,
  ): Promise<unknown> {
    // A worker of a dead process is not heard again.
    const id = this.dead.has(`w${worker}`) ? `w${worker}'` : `w${worker}`;
    const query = { worker: workerOf(id, worker === 3 ? 'elsewhere' : 'here'), leaseMs };
    const answer = await journal.claim(run === undefined ? query : { ...query, run: runNameOf(run) });
    if (answer.type === 'item') this.claims.unshift(answer.item);
    return answer;
  }

  private async write(journal: Journal, command: Extract<Command, { readonly lease: number }>): Promise<unknown> {
    const claimed = this.claims[command.lease % Math.max(1, this.claims.length)];
    if (claimed === undefined) return undefined;
    const { lease } = claimed;
    if (command.type === 'renew') return journal.renew(lease, command.leaseMs);
    const progress = this.progressOf(claimed, command.progress);
    switch (command.type) {
      case 'checkpoint':
        return journal.checkpoint(lease, progress);
      case 'commit':
        return journal.commit(lease, { ...commitOf(''), ...progress });
      case 'release':
        return journal.release(lease, progress);
      case 'park':
        return journal.park(lease, { ...command.parking, ...progress });
      case 'fail':
      case 'reset': {
        const { retryInMs } = command;
        const error = { code: 'server', message: command.type };
        return journal[command.type](lease, { ...progress, error, ...(retryInMs === undefined ? {} : { retryInMs }) });
      }
      default:
        return command satisfies never;
    }
  }

  private progressOf({ lease }: ClaimedItem, { texts, offBy, attempts }: Progress): ItemProgress {
    let at = (this.ends.get(`${lease.run}/${lease.item}`) ?? 0) + offBy;
    const append = texts.map((text) => {
      const piece = { at, text, source: sourceOf(`g${lease.epoch}`) };
      at += Buffer.byteLength(text);
      return piece;
    });
    return { append, attempts };
  }

  private named(value: unknown): unknown {
    if (value === undefined) return undefined;
    let json = JSON.stringify(value);
    for (const [id, name] of this.names) json = json.replaceAll(JSON.stringify(id), JSON.stringify(name));
    return JSON.parse(json) as unknown;
  }
}
