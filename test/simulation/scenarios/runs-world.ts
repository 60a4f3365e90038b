import { Observable } from 'rxjs';
import { GenerationError } from 'scriptorium';
import type { Clock } from 'scriptorium/plugin';
import { runBatch } from '../../../plugins/runs/index.js';
import type {
  BatchItem,
  BatchOptions,
  ItemEvent,
  Journal,
  RunChange,
  RunEnd,
  Worker,
} from '../../../plugins/runs/index.js';
import { RunError } from '../../../plugins/runs/journal/run-error.js';
import { History, checkHistory, memoryJournal } from '../../../plugins/runs/testing/index.js';
import type { SimulatedProcess } from '../../../src/testing/simulation/process.js';
import type { Fate } from '../../../src/testing/simulation/remote.js';
import type { Owner } from '../../../src/testing/simulation/timeline.js';
import type { Ask } from '../../../src/testing/simulation/world.js';
import type { Coverage } from '../coverage.js';
import type { Stage } from '../stage.js';
import type { StagedProcess } from '../stage.js';

/** The time that a process gives a journal to answer. */
const ANSWER_MS = 5_000;

/** A journal behind the network: what fails on the way is `unavailable`, and may have been done all the same. */
export function remoteJournal(journal: Journal, ask: Ask, clock: Clock): Journal {
  const call = <T>(method: string, work: () => Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const fail = (why: string, cause?: unknown): void =>
        reject(RunError.is(cause) ? cause : new RunError('unavailable', `The journal ${why} (${method}).`, { cause }));
      const cancel = clock.setTimer(ANSWER_MS, () => fail('does not answer'));
      ask(method, work)
        .finally(cancel)
        .then(resolve, (error: unknown) => fail('cannot be reached', error));
    });
  return {
    name: 'remote',
    createRun: (spec) => call('createRun', () => journal.createRun(spec)),
    claim: (query) => call('claim', () => journal.claim(query)),
    renew: (lease, leaseMs) => call('renew', () => journal.renew(lease, leaseMs)),
    checkpoint: (lease, progress) => call('checkpoint', () => journal.checkpoint(lease, progress)),
    commit: (lease, commit) => call('commit', () => journal.commit(lease, commit)),
    fail: (lease, failure) => call('fail', () => journal.fail(lease, failure)),
    reset: (lease, failure) => call('reset', () => journal.reset(lease, failure)),
    park: (lease, parking) => call('park', () => journal.park(lease, parking)),
    release: (lease, progress) => call('release', () => journal.release(lease, progress)),
    pause: (run) => call('pause', () => journal.pause(run)),
    resume: (run, limits) => call('resume', () => journal.resume(run, limits)),
    cancel: (run, item) => call('cancel', () => journal.cancel(run, item)),
    status: (run) => call('status', () => journal.status(run)),
    runs: () => call('runs', () => journal.runs()),
    items: (run, page) => call('items', () => journal.items(run, page)),
    records: (run, page) => call('records', () => journal.records(run, page)),
    prune: (olderThanMs) => call('prune', () => journal.prune(olderThanMs)),
    watch: (run) => delayed(journal.watch(run), clock),
    close: () => Promise.resolve(),
  };
}

const NEWS_MS = 50;

/** Changes reach a process a little later, each once, and only while it runs. */
function delayed(changes: Observable<RunChange>, clock: Clock): Observable<RunChange> {
  return new Observable((subscriber) => {
    const news = new Map<string, RunChange>();
    let cancel: (() => void) | undefined;
    const bring = (): void => {
      cancel = undefined;
      const all = [...news.values()];
      news.clear();
      for (const change of all) subscriber.next(change);
    };
    const subscription = changes.subscribe((change) => {
      news.set(JSON.stringify(change), change);
      cancel ??= clock.setTimer(NEWS_MS, bring);
    });
    return () => {
      subscription.unsubscribe();
      cancel?.();
    };
  });
}

/** Whether work may end with this error: the key is refused, the account is empty, or the journal is away. */
export function endsWork(error: unknown): boolean {
  const cause = GenerationError.is(error) && GenerationError.is(error.cause) ? error.cause : error;
  const isOfAll = GenerationError.is(cause) && CONCERN_ALL.has(cause.code);
  return isOfAll || (RunError.is(error) && error.code === 'unavailable');
}

const CONCERN_ALL: ReadonlySet<string> = new Set(['authentication', 'permission', 'payment-required']);

/** How the processes of a world work on its run. */
export interface RunsPlan {
  readonly items: readonly BatchItem[];
  readonly options: Omit<BatchOptions, 'journal'>;
  /** Whether the processes are on one machine, which knows who lives. */
  readonly isOneMachine: boolean;
  readonly fateOf: (method: string) => Fate;
  /** After so many milliseconds a process looks again at a run in which everything left is parked. */
  readonly parkedMs?: number;
  readonly setUp?: (life: Owner) => StagedProcess;
}

/** A run in a world: its journal on a host of its own, the processes that work on it, and all that they have asked. */
export class RunsWorld {
  readonly history = new History();
  readonly database;
  readonly journal: Journal;
  readonly processes: SimulatedProcess[] = [];
  isOver = false;
  /** Whether the work of a process has ended since all that was left was parked. */
  wasParked = false;
  private readonly lives = new Map<string, number>();

  constructor(
    readonly stage: Stage,
    readonly plan: RunsPlan,
  ) {
    const { world } = stage.scene;
    this.database = world.host('database.test', () => undefined);
    this.journal = memoryJournal({ clock: this.database.clock, isAlive: (worker) => this.isAlive(worker) });
  }

  /** Starts a process that works on the run until it is over, in each of its lives. */
  async start(name: string): Promise<{ readonly process: SimulatedProcess; readonly working: Promise<void> }> {
    const process = await this.stage.process(name, (life) => {
      this.lives.set(name, (this.lives.get(name) ?? 0) + 1);
      return this.plan.setUp?.(life) ?? {};
    });
    this.processes.push(process);
    return { process, working: this.work(process) };
  }

  private async work(process: SimulatedProcess): Promise<void> {
    const { world } = this.stage.scene;
    while (!this.isOver) {
      if (!process.isRunning) {
        await world.sleep(500);
        continue;
      }
      const outcome = await process.run((own) => this.workOnce(own));
      world.note(`${process.name} has left the run: ${outcome}`);
      if (outcome === 'parked') this.wasParked = true;
      if (outcome !== 'killed') await world.sleep(outcome === 'parked' ? (this.plan.parkedMs ?? 5_000) : 5_000);
    }
  }

  private workOnce(process: SimulatedProcess): Promise<RunEnd['reason'] | 'failed'> {
    const { world } = this.stage.scene;
    const { coverage } = this.stage.scene;
    const life = `${process.name} ${this.lives.get(process.name)}`;
    const ask = world.remote(this.database, process.owner, this.plan.fateOf);
    const journal = this.history.record(remoteJournal(this.journal, ask, process.clock), life);
    const options = {
      ...this.plan.options,
      journal,
      clock: process.clock,
      random: world.random(`engine of ${life} at ${world.elapsedMs}`),
      worker: this.workerOf(process.name, life),
    };
    return new Promise((resolve) => {
      let reason: RunEnd['reason'] | 'failed' = 'failed';
      const seen = new SeenItems(coverage);
      runBatch(process.pipeline, this.plan.items, options).subscribe({
        next: (event) => {
          if (event.type === 'item-event') seen.take(event);
          else world.note(`${life}: ${JSON.stringify({ ...event, record: undefined, run: undefined })}`);
          if (event.type === 'run-end') reason = event.reason;
        },
        error: (error: unknown) => {
          world.check(
            endsWork(error),
            () => `${life}: runBatch failed: ${error instanceof Error ? error.stack : String(error)}`,
          );
          resolve('failed');
        },
        complete: () => resolve(reason),
      });
    });
  }

  private workerOf(name: string, life: string): Worker {
    return { id: life, machine: this.plan.isOneMachine ? 'here' : name, pid: 1, startedAt: life };
  }

  private isAlive({ id }: Worker): boolean {
    const [name = '', life] = id.split(' ');
    const process = this.processes.find((each) => each.name === name);
    return process?.owner.condition !== 'gone' && String(this.lives.get(name)) === life;
  }

  /** Proves the promises of the run, once it is over. */
  async check(): Promise<void> {
    const { world } = this.stage.scene;
    const [run] = await this.journal.runs();
    world.check(run !== undefined, 'There is no run.');
    if (run === undefined) return;
    const records = await this.journal.records(run.id);
    for (const violation of checkHistory(this.history, { run, records })) world.violation(violation);
    for (const { item, text, input, state } of records) {
      if (state !== 'done') continue;
      const { model = '', prompt = '' } = input;
      const expected = this.stage.vendor.textFor({ model, messages: [{ role: 'user', content: prompt }] });
      world.check(
        text === expected,
        () => `The committed text of "${item}" is not the vendor's: ${JSON.stringify({ text, expected })}`,
      );
    }
  }
}

/** Counts what the generations of a batch meet. */
export class SeenItems {
  private readonly marks = new Map<string, { deltas: number; hadFault: boolean; wasContinued: boolean }>();

  constructor(private readonly coverage: Coverage) {}

  take({ item, event }: ItemEvent): void {
    const marks = this.marks.get(item) ?? { deltas: 0, hadFault: false, wasContinued: false };
    this.marks.set(item, marks);
    this.coverage.event(event);
    if (event.type === 'text-delta') marks.deltas += 1;
    else if (event.type === 'retry-scheduled') marks.hadFault = true;
    else if (event.type === 'continuation') marks.wasContinued = true;
    else if (event.type === 'generation-end') this.coverage.generation('succeeded', marks);
  }
}
