import type { Cancel, Clock, Logger, Random } from 'scriptorium/plugin';
import { RunError } from '../journal/run-error.js';
import type { Journal } from '../journal/journal.js';
import type { JournalAway, JournalBack } from './run-event.js';

/** Dependencies of a `PatientJournal`. */
export interface PatientParts {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly emit: (event: JournalAway | JournalBack) => void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Makes calls to a journal, and makes them again while it is unavailable: what a caller wants to write stays in memory
 * meanwhile. An outage is reported once.
 */
export class PatientJournal {
  /** Called when the journal has answered after an outage. */
  onBack: () => void = () => undefined;
  private waiting = 0;
  private hasGivenUp = false;
  private readonly pauses = new Set<() => void>();
  private cancelGivingUp: Cancel | undefined;

  constructor(private readonly parts: PatientParts) {}

  get journal(): Journal {
    return this.parts.journal;
  }

  /** Whether a call waits for the journal to come back. */
  get isAway(): boolean {
    return this.waiting > 0;
  }

  /** @throws RunError with any other code, or `unavailable` once it has given up */
  async call<T>(ask: (journal: Journal) => Promise<T>): Promise<T> {
    try {
      return await ask(this.parts.journal);
    } catch (error) {
      if (!this.isOutage(error)) throw error;
      return await this.callAgain(ask, error);
    }
  }

  /** Stops to wait for the journal after so many milliseconds. */
  giveUpAfter(ms: number): void {
    this.cancelGivingUp ??= this.parts.clock.setTimer(ms, () => {
      this.hasGivenUp = true;
      for (const goOn of [...this.pauses]) goOn();
    });
  }

  /** Nothing more will be asked. */
  close(): void {
    this.cancelGivingUp?.();
  }

  private async callAgain<T>(ask: (journal: Journal) => Promise<T>, first: RunError): Promise<T> {
    const { journal, logger, emit } = this.parts;
    this.waiting += 1;
    if (this.waiting === 1) {
      logger.warn(
        `The journal ${journal.name} does not answer. New text is kept in memory until it does: ${first.message}`,
      );
      emit({ type: 'journal-away', message: first.message });
    }
    try {
      for (let failures = 1; ; failures += 1) {
        await this.pause(Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS));
        try {
          return await ask(journal);
        } catch (error) {
          if (!this.isOutage(error)) throw error;
        }
      }
    } finally {
      this.waiting -= 1;
      if (this.waiting === 0) {
        if (!this.hasGivenUp) {
          logger.info(`The journal ${journal.name} answers again.`);
          emit({ type: 'journal-back' });
        }
        this.onBack();
      }
    }
  }

  private isOutage(error: unknown): error is RunError {
    return RunError.is(error) && error.code === 'unavailable' && !this.hasGivenUp;
  }

  /** Half of it is left to chance, so that several workers do not come back at once. */
  private pause(ms: number): Promise<void> {
    const { clock, random } = this.parts;
    return new Promise((resolve) => {
      const goOn = (): void => {
        this.pauses.delete(goOn);
        cancel();
        resolve();
      };
      const cancel = clock.setTimer(ms / 2 + (random() * ms) / 2, goOn);
      this.pauses.add(goOn);
    });
  }
}
