import { Observable, Subject } from 'rxjs';
import { GenerationError } from 'scriptorium';
import type { Clock } from 'scriptorium/plugin';
import type { RedisConnection, RedisReply } from '../../../plugins/redis/connection.js';
import type { Owner } from '../../../src/testing/simulation/timeline.js';
import type { Ask } from '../../../src/testing/simulation/world.js';
import type { LimitServer } from '../../plugins/redis/limits/model/limit-server.js';

/** The time that a process gives the server to answer. On a network of milliseconds it is 50 ms; here answers take up to 100. */
const ANSWER_MS = 300;
const RECONNECT_MS = 500;
const NEWS_MS = 20;

/** Dependencies of `remoteRedis`. */
export interface RemoteRedisParts {
  readonly server: LimitServer;
  readonly ask: Ask;
  readonly clock: Clock;
  readonly life: Owner;
}

/** A connection of one process to the model of a Redis, over the network of its world. */
export function remoteRedis(parts: RemoteRedisParts): RedisConnection {
  return new RemoteRedis(parts);
}

class RemoteRedis implements RedisConnection {
  readonly shown = 'redis.test';
  readonly hasAnswered = true;
  isUp = true;
  private readonly ups = new Subject<boolean>();
  /** Commands reach the server in the order in which they are sent; those of a lost connection never do. */
  private last: Promise<void> = Promise.resolve();
  private isClosed = false;

  constructor(private readonly parts: RemoteRedisParts) {}

  get isUp$(): Observable<boolean> {
    return this.ups.asObservable();
  }

  key(tag: string, ...names: readonly string[]): string {
    return [`{${tag}}`, ...names].join(':');
  }

  run(...[script, keys, args]: Parameters<RedisConnection['run']>): Promise<RedisReply> {
    if (!this.isUp) return Promise.reject(this.away());
    return this.answer(script.name, () => this.parts.server.run(script, keys, args));
  }

  /** News come a little later, and not at all to a process that is gone or cut off. */
  messages(channel: string): Observable<string> {
    const { server, clock, life } = this.parts;
    return new Observable((subscriber) => {
      const bring = (message: string): void => void clock.setTimer(NEWS_MS, () => subscriber.next(message));
      const news = server.messages.subscribe((published) => {
        if (life.condition === 'gone') news.unsubscribe();
        else if (this.isUp && published.channel === channel) bring(published.message);
      });
      // What was missed meanwhile is not known.
      news.add(this.ups.subscribe((isUp) => isUp && subscriber.next('')));
      return news;
    });
  }

  check(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.isClosed = true;
    this.ups.complete();
  }

  private answer<T>(name: string, work: () => T): Promise<T> {
    const before = this.last;
    let arrived = (): void => undefined;
    this.last = new Promise((resolve) => (arrived = resolve));
    const asked = this.parts.ask(name, async () => {
      await before;
      arrived();
      return work();
    });
    return new Promise((resolve, reject) => {
      const fail = (): void => {
        this.lose();
        reject(this.away());
      };
      const cancel = this.parts.clock.setTimer(ANSWER_MS, fail);
      asked.finally(cancel).then(resolve, fail);
    });
  }

  private lose(): void {
    if (!this.isUp || this.isClosed) return;
    this.isUp = false;
    this.ups.next(false);
    this.connectSoon();
  }

  private connectSoon(): void {
    this.parts.clock.setTimer(RECONNECT_MS, () => {
      if (this.isClosed) return;
      this.last = Promise.resolve();
      this.answer('connect', () => undefined).then(
        () => this.up(),
        () => this.connectSoon(),
      );
    });
  }

  private up(): void {
    if (this.isClosed) return;
    this.isUp = true;
    this.ups.next(true);
  }

  private away(): GenerationError {
    return new GenerationError('unavailable', 'The Redis of the world does not answer.', { retryable: true });
  }
}
