import { Observable, Subject } from 'rxjs';
import { tokens } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import type {
  Admission,
  BreakerPass,
  Clock,
  GenerationEvent,
  Lease,
  LimitLease,
  Plugin,
  Random,
  Reservation,
} from 'scriptorium/plugin';

/** How the parts answer: after 5 ms, one time in ten with a failure; or never. */
export type Manner = 'flaky' | 'hanging';

/** The ports by their names in the configuration. */
export const PORT_NAMES = ['limits', 'breakers', 'slots', 'retryBudgets', 'spending', 'cache', 'state'] as const;
export type PortName = (typeof PORT_NAMES)[number];

export interface RemotePartsOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** The parts to replace; all by default. */
  readonly only?: readonly PortName[];
}

/** What the parts issued and got back. */
export interface Books {
  issued: number;
  /** Released, settled or recorded. */
  ended: number;
  /** Money that was settled, in micro-dollars. */
  settled: number;
}

interface Remote {
  readonly books: Books;
  /** Answers a question. */
  readonly answer: <T>(make: () => T) => Promise<T>;
  /** Admits to a lease. */
  readonly admit: <L extends Lease>(make: () => L) => Observable<Admission<L>>;
  /** Takes a report, and fails one time in ten. */
  readonly report: () => void;
}

const ANSWER_MS = 5;

/** A plugin that replaces every port by one that might live elsewhere. */
export function remoteParts(
  manner: Manner,
  { clock, random, only = PORT_NAMES }: RemotePartsOptions,
): { plugin: Plugin; books: Books } {
  const books: Books = { issued: 0, ended: 0, settled: 0 };
  const remote = { books, ...(manner === 'flaky' ? flaky(clock, random) : HANGING) };
  const plugin = definePlugin({
    name: 'remote-parts',
    apiVersion: 1,
    setup: (host) => {
      const [cached, values] = [new Map<string, readonly GenerationEvent[]>(), new Map<string, unknown>()];
      // The tokens of retries that led to nothing are not given back.
      const tokensLeft = { ...remote, books: { ...books } };
      const replace: Readonly<Record<PortName, () => void>> = {
        limits: () =>
          host.replace(tokens.LIMIT_STORE, {
            take: () => remote.answer(() => limitLease(remote)),
            pause: remote.report,
            changes$: new Subject(),
          }),
        breakers: () =>
          host.replace(tokens.BREAKERS, { acquire: () => remote.admit(() => pass(remote)), isOpen: () => false }),
        slots: () => host.replace(tokens.SLOTS, { acquire: () => remote.admit(() => lease(remote)) }),
        retryBudgets: () =>
          host.replace(tokens.RETRY_BUDGETS, { acquire: () => remote.admit(() => lease(tokensLeft)) }),
        spending: () => host.replace(tokens.SPENDING, { reserve: () => remote.answer(() => reservation(remote)) }),
        cache: () =>
          host.replace(tokens.CACHE_STORE, {
            get: (key) => remote.answer(() => cached.get(key)),
            set: (key, events) => remote.answer(() => cached.set(key, events)),
          }),
        state: () =>
          host.replace(tokens.STATE_STORE, {
            update: (key, change) =>
              remote.answer(() => {
                values.set(key, change(values.get(key)));
                return values.get(key);
              }),
          }),
      };
      for (const name of only) replace[name]();
    },
  });
  return { plugin, books };
}

function flaky(clock: Clock, random: Random): Omit<Remote, 'books'> {
  const fails = (): boolean => random() < 0.1;
  const lost = new Error('lost on the way');
  return {
    answer: (make) => {
      if (fails() && random() < 0.5) throw lost;
      return new Promise((resolve, reject) =>
        clock.setTimer(ANSWER_MS, () => (fails() ? reject(lost) : resolve(make()))),
      );
    },
    admit: (make) =>
      new Observable((subscriber) =>
        clock.setTimer(ANSWER_MS, () => {
          if (fails()) {
            subscriber.error(lost);
            return;
          }
          subscriber.next({ type: 'admitted', lease: make() });
          subscriber.complete();
        }),
      ),
    report: () => {
      if (fails()) throw lost;
    },
  };
}

const HANGING: Omit<Remote, 'books'> = {
  answer: () => new Promise(() => undefined),
  admit: () => new Observable(() => undefined),
  report: () => undefined,
};

function lease({ books, report }: Remote): Lease {
  books.issued += 1;
  return {
    isValid: () => true,
    release: () => {
      books.ended += 1;
      report();
    },
  };
}

function pass(remote: Remote): BreakerPass {
  const issued = lease(remote);
  return { ...issued, isProbe: false, record: () => issued.release() };
}

function limitLease(remote: Remote): LimitLease {
  const issued = lease(remote);
  return { ...issued, sent: () => remote.report(), settle: () => issued.release() };
}

function reservation(remote: Remote): Reservation {
  const issued = lease(remote);
  return {
    ...issued,
    settle: ({ usd }) => {
      remote.books.settled += Math.round(usd * 1e6);
      issued.release();
    },
  };
}
