import type { Pipeline } from 'scriptorium';
import type { CreatedRun, Journal } from '../journal/journal.js';
import type { BatchOptions } from './batch-options.js';
import { settingsOf } from './batch-settings.js';
import type { BatchSettings } from './batch-settings.js';
import { ItemRecords } from './item-records.js';
import { KnownModels } from './known-models.js';
import { LocalEngine } from './local-engine.js';
import { openJournal } from './open-journal.js';
import { PatientJournal } from './patient-journal.js';
import type { RunEvent } from './run-event.js';

/** What the work on a run begins with. */
export interface Begun {
  readonly journal: Journal;
  readonly settings: BatchSettings;
  readonly models: KnownModels;
}

/** Finds the run to work on, or creates it. */
export type FindRun = (begun: Begun) => Promise<CreatedRun>;

/** The work on a run by one subscriber, from the opening of the journal to its closing. */
export class RunWork {
  private engine: LocalEngine | undefined;
  private isStopped = false;

  constructor(
    private readonly pipeline: Pipeline,
    private readonly options: BatchOptions,
    private readonly emit: (event: RunEvent) => void,
  ) {}

  /** @throws RunError; the error that concerns every item */
  async run(find: FindRun): Promise<void> {
    const given = settingsOf(this.options);
    const { journal, close } = await openJournal(this.options.journal, given);
    try {
      const { checkpointMs = journal.checkpointMs ?? given.checkpointMs } = this.options;
      const settings = { ...given, checkpointMs };
      const begun = { journal, settings, models: new KnownModels(this.pipeline, settings.clock) };
      await this.workOn(await find(begun), begun);
    } finally {
      await close();
    }
  }

  /** Ends the work: what was written is flushed, and leases are given back. */
  stop(): void {
    this.isStopped = true;
    this.engine?.stop();
  }

  private async workOn({ run, isNew }: CreatedRun, { journal, settings, models }: Begun): Promise<void> {
    const { pipeline, emit } = this;
    emit({ type: 'run-start', run, isNew });
    const store = new PatientJournal({ ...settings, journal, logger: pipeline.logger, emit });
    const records = new ItemRecords(store);
    const parts = { pipeline, settings, store, records, models, emit };
    this.engine = new LocalEngine(parts, run);
    if (this.isStopped) this.engine.stop();
    try {
      const reason = await this.engine.work();
      emit({ type: 'run-end', run: await store.call((asked) => asked.status(run.id)), reason });
    } finally {
      // A stop after the end, as by the end of a subscription, has nothing to do.
      this.engine = undefined;
      store.close();
    }
  }
}
