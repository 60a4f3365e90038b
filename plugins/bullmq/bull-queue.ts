import type { IQueueBackend, Job, Queue } from 'bullmq';
import type { NextItem, QueueServer, RunHint, RunQueue, ServedQueue } from 'scriptorium/plugins/runs';
import type { Clock, Logger } from 'scriptorium/plugin';
import { shownAddress } from './address.js';
import { migrateBackend, openBackend } from './backend.js';
import type { OpenBackend } from './backend.js';
import { Outage } from './outage.js';
import { jobFor, jobsFor } from './place.js';
import type { Place } from './place.js';

/** Dependencies of a `BullQueue`. */
export interface BullQueueParts {
  readonly url: string;
  /** The name of the queue. */
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
}

/** A queue on any store of BullMQ's. */
type PlaceQueue = Pick<Queue<Place, unknown, string, Place, unknown, string, IQueueBackend>, 'addBulk' | 'close'>;

/** A job whose worker is silent for so long is given to another. That costs nothing: the journal decides who works. */
const LOCK_MS = 6_000;
const STALLED_MS = 3_000;
/** The pause after a failed question to the store. */
const RETRY_MS = 1_000;
/** No limit, in the numbers of both stores. */
const MOST_STALLS = 1_000_000_000;

/** A flush, or another worker, has taken a job away. Others go on with the run. */
const JOB_IS_GONE = /^(Missing (key|lock) for job|Lock mismatch|Job \S+ is not in the active state)/;

/** A queue of BullMQ's, on Redis or PostgreSQL. Its jobs are the places of runs. */
export class BullQueue implements RunQueue {
  readonly name: string;
  private backend: OpenBackend | undefined;
  private queue: PlaceQueue | undefined;
  private server: Pick<QueueServer, 'onAway' | 'onBack'> | undefined;
  private readonly outage = new Outage({
    onAway: (message) => this.server?.onAway(message),
    onBack: () => this.server?.onBack(),
  });

  constructor(private readonly parts: BullQueueParts) {
    this.name = `${shownAddress(parts.url)} (BullMQ queue "${parts.name}")`;
  }

  async open(): Promise<void> {
    const { url, name } = this.parts;
    const backend = await openBackend(url, this.outage);
    this.backend = backend;
    const queue = new backend.bullmq.Queue<Place, unknown, string, Place, unknown, string, IQueueBackend>(
      name,
      backend.options,
      backend.factory,
    );
    queue.on('error', (error) => this.outage.away(error));
    this.queue = queue;
    await queue.waitUntilReady();
  }

  migrate(): Promise<string> {
    return migrateBackend(this.parts.url);
  }

  async hint(hint: RunHint): Promise<void> {
    await this.opened().queue.addBulk(jobsFor(hint));
    this.outage.back();
  }

  serve(server: QueueServer): Promise<ServedQueue> {
    const { backend } = this.opened();
    this.server = server;
    const worker = new backend.bullmq.Worker(
      this.parts.name,
      (job: Job<Place>, token?: string) => this.process(job, token, server),
      {
        ...backend.options,
        concurrency: server.concurrency,
        lockDuration: LOCK_MS,
        stalledInterval: STALLED_MS,
        maxStalledCount: MOST_STALLS,
        runRetryDelay: RETRY_MS,
      },
      backend.factory,
    );
    worker.on('error', (error: Error) => {
      if (!backend.bullmq.isNotConnectionError(error)) this.outage.away(error);
      else if (!JOB_IS_GONE.test(error.message)) this.parts.logger.warn(`BullMQ: ${error.message}`);
    });
    return Promise.resolve({ close: () => worker.close() });
  }

  async close(): Promise<void> {
    this.server = undefined;
    await this.queue?.close();
    await this.backend?.close();
  }

  private async process(job: Job<Place>, token: string | undefined, server: QueueServer): Promise<void> {
    this.outage.back();
    const next = await server.work(job.data.run, (progress) => {
      job.updateProgress(progress).catch(() => undefined); // it is only shown
    });
    await this.goOn(next, job, token);
  }

  private async goOn(next: NextItem, job: Job<Place>, token: string | undefined): Promise<void> {
    const { backend, queue } = this.opened();
    switch (next.type) {
      case 'worked':
        // Behind the same places of other runs. It is kept beside this job, and begins after its end.
        await queue.addBulk([jobFor(job.data)]);
        return;
      case 'nothing':
        if (next.retryInMs === undefined) return;
        await job.moveToDelayed(this.parts.clock.now() + next.retryInMs, token);
        throw new backend.bullmq.DelayedError();
      case 'stopped':
        await job.moveToWait(token);
        throw new backend.bullmq.WaitingError();
      default:
        next satisfies never;
    }
  }

  private opened(): { readonly backend: OpenBackend; readonly queue: PlaceQueue } {
    const { backend, queue } = this;
    if (backend === undefined || queue === undefined) throw new Error('The queue was not opened.');
    return { backend, queue };
  }
}
