import { GenerationError } from 'scriptorium';
import type { Cancel, Clock, Pipeline } from 'scriptorium/plugin';
import type { AnswerOwners } from './answer-owners.js';
import type { Call, Job } from './call.js';
import { failedCall } from './direct-call.js';
import { identityOf } from './identity.js';
import type { OnBreak } from './failure-treatment.js';
import type { Identity } from './identity.js';
import { RecordedGeneration } from './recorded-generation.js';
import type { SharedCalls } from './shared-calls.js';

/** The parts of a gateway that keep its generations. */
export interface KeptParts {
  readonly pipeline: Pipeline;
  readonly owners: AnswerOwners;
  readonly clock: Clock;
  /** Bytes that all records together may take. */
  readonly mostBytes: number;
  /** Where other gateways see them. */
  readonly shared?: SharedCalls | undefined;
}

/** A generation whose client may come back. */
interface Kept {
  readonly key: string;
  readonly content: string;
  readonly job: Job;
  readonly generation: RecordedGeneration;
}

/**
 * Generations whose clients may come back. One without a client waits for the same request as long as its policy says: the
 * oldest is given first, to one client at a time.
 */
export class KeptGenerations {
  private readonly byKey = new Map<string, Set<Kept>>();
  /** Those without a client and the timers that end their wait; the longest without one first. */
  private readonly orphans = new Map<Kept, Cancel>();
  private bytes = 0;
  private isClosed = false;
  private readonly onBreak: OnBreak;

  constructor(private readonly parts: KeptParts) {
    this.onBreak = parts.pipeline.describe().find(({ onBreak }) => onBreak !== undefined)?.onBreak ?? 'resume';
  }

  open(job: Job): Call {
    const identity = identityOf(job);
    return this.knownCall(job, identity) ?? this.start({ ...identity, job }, this.brokenOf(identity));
  }

  known(job: Job): Call | undefined {
    return this.knownCall(job, identityOf(job));
  }

  /** Gives up every generation without a client, now and later. */
  close(): void {
    this.isClosed = true;
    for (const kept of this.orphans.keys()) this.remove(kept);
  }

  private knownCall(job: Job, identity: Identity): Call | undefined {
    const { key, content } = identity;
    if ([...(this.byKey.get(key) ?? [])].some((kept) => kept.content !== content)) return failedCall(otherBody(job));
    const free = this.freeOf(identity);
    const orphan = free.find(({ generation }) => generation.failure === undefined);
    if (orphan !== undefined) return this.attach(orphan);
    if (this.brokenOf(identity) !== undefined) return undefined;
    const failure = free[0]?.generation.failure;
    return failure && failedCall(failure);
  }

  /** The oldest broken generation that the request continues. */
  private brokenOf(identity: Identity): Kept | undefined {
    return this.freeOf(identity).find(({ generation }) => generation.treatment?.type === 'continue');
  }

  private freeOf({ key }: Identity): readonly Kept[] {
    return [...(this.byKey.get(key) ?? [])].filter((kept) => this.isFree(kept));
  }

  /** A revoked key gives nothing back. */
  private isFree(kept: Kept): boolean {
    return this.orphans.has(kept) && !kept.job.client.signal.aborted;
  }

  private start(asked: Omit<Kept, 'generation'>, broken?: Kept): Call {
    const { key, job } = asked;
    const beginning = broken?.generation.asBroken;
    if (broken !== undefined) this.remove(broken);
    const generation = new RecordedGeneration({
      pipeline: this.parts.pipeline,
      owners: this.parts.owners,
      job,
      onBreak: this.onBreak,
      broken: beginning,
      onGrowth: (bytes) => this.grow(bytes),
      onChange: () => this.review(kept),
    });
    const kept: Kept = { ...asked, generation };
    this.byKey.set(key, (this.byKey.get(key) ?? new Set()).add(kept));
    const call = this.attach(kept);
    generation.start();
    return call;
  }

  private attach(kept: Kept): Call {
    const { generation, job } = kept;
    const call: Call = {
      events: () => generation.read(call),
      delivered: () => {
        if (!generation.isReadBy(call)) return;
        if (generation.failure === undefined) this.remove(kept);
        generation.detach(call);
      },
      abandon: () => generation.detach(call),
    };
    if (this.orphans.has(kept) && job.idempotencyKey === undefined) this.parts.shared?.drop(kept);
    this.release(kept);
    generation.attach(call);
    return call;
  }

  /** Called when a generation has ended or lost its client. */
  private review(kept: Kept): void {
    const { generation, job } = kept;
    if (generation.isRead || this.byKey.get(kept.key)?.has(kept) !== true) return;
    const { treatment } = generation;
    const isLost = generation.record.isIncomplete && treatment === undefined;
    if (this.isClosed || isLost || treatment?.type === 'anew') {
      this.remove(kept);
      return;
    }
    this.share(kept);
    if (treatment?.type === 'repeat') generation.record.clear();
    // The wait for a client does not begin again because the answer is whole.
    else if (treatment === undefined && this.orphans.has(kept)) return;
    this.release(kept);
    const { reattachMs = 0 } = job.client.policy;
    this.orphans.set(
      kept,
      this.parts.clock.setTimer(reattachMs, () => this.remove(kept)),
    );
  }

  /** Shows others a generation without a client. A failed one is known here alone. */
  private share(kept: Kept): void {
    const { shared } = this.parts;
    const { generation, job } = kept;
    if (generation.failure !== undefined) shared?.drop(kept);
    else if (!generation.isRunning) shared?.keep(kept, generation.record.events, job.client.policy.reattachMs ?? 0);
    else if (job.idempotencyKey === undefined) shared?.publish(kept);
  }

  /** Stops the wait for its client. */
  private release(kept: Kept): void {
    this.orphans.get(kept)?.();
    this.orphans.delete(kept);
  }

  /** Ends a generation, and gives back its memory. */
  private remove(kept: Kept): void {
    const known = this.byKey.get(kept.key);
    known?.delete(kept);
    if (known?.size === 0) this.byKey.delete(kept.key);
    this.release(kept);
    this.parts.shared?.drop(kept);
    kept.generation.cancel();
    kept.generation.record.clear();
  }

  private grow(bytes: number): void {
    this.bytes += bytes;
    while (bytes > 0 && this.bytes > this.parts.mostBytes && this.giveUpOne());
  }

  /** Gives up the generation that has waited longest, or else the oldest record that is still read. */
  private giveUpOne(): boolean {
    const { logger } = this.parts.pipeline;
    for (const kept of this.orphans.keys()) {
      const { generation, job } = kept;
      logger.warn('gave up a generation without a client: the records of all take too much memory', {
        client: job.client.name,
        state: generation.isRunning ? 'running' : 'ended',
      });
      this.remove(kept);
      return true;
    }
    for (const { generation, job } of [...this.byKey.values()].flatMap((known) => [...known])) {
      if (generation.record.isIncomplete) continue;
      logger.warn('dropped the record of a generation: its client cannot come back to it', {
        client: job.client.name,
      });
      generation.record.drop();
      return true;
    }
    return false;
  }
}

function otherBody({ idempotencyKey = '' }: Job): GenerationError {
  return new GenerationError(
    'invalid-input',
    `The Idempotency-Key ${JSON.stringify(idempotencyKey)} belongs to another request that is still known. ` +
      'Send the same path, body and parameters again, or use another key.',
    { status: 422 },
  );
}
