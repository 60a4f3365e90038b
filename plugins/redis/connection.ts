import { filter, Subject } from 'rxjs';
import type { Observable } from 'rxjs';
import { ConfigError, GenerationError } from 'scriptorium';
import type { Cancel, Clock, Logger } from 'scriptorium/plugin';
import { shownAddresses } from './address.js';
import type { RedisAddress } from './address.js';
import { checkServer } from './check-server.js';
import { redisClient } from './client.js';
import type { RedisClient } from './client.js';
import { RedisMessages } from './messages.js';
import type { IoRedis } from './load-ioredis.js';
import type { RedisScript } from './scripts.js';

/** How long an answer may take. */
export const ANSWER_MS = 50;
/** A server that has not answered for so long is connected to anew: packets may be lost on the way. */
const RECONNECT_AFTER_MS = 2_000;

/** A value that a script returns: integers, texts and lists; `null` for nil and false. */
export type RedisReply = number | string | null | readonly RedisReply[];

/** A connection to a Redis that all parts of a pipeline share. */
export interface RedisConnection {
  /** The name of a key. All keys with one tag are on one node of a cluster, so that one script can use them together. */
  key(tag: string, ...names: readonly string[]): string;
  /**
   * Runs a script, in one round trip.
   * @throws GenerationError `unavailable` if the server does not answer within 50 ms, at once while it is known to be away
   */
  run(script: RedisScript, keys: readonly string[], args: readonly (string | number)[]): Promise<RedisReply>;
  /** Messages to a channel, published by scripts. The name of the channel is that of a key. */
  messages(channel: string): Observable<string>;
  /** Whether the server has answered at all. */
  readonly hasAnswered: boolean;
  /** Whether the server answers, as far as is known. */
  readonly isUp: boolean;
  /** Emits when the server is lost (`false`) and when it answers again (`true`). */
  readonly isUp$: Observable<boolean>;
  /** `host:port`, for messages. */
  readonly shown: string;
  /** @throws ConfigError if the server cannot be reached, refuses the login, or cannot be relied on */
  check(): Promise<void>;
  close(): void;
}

/** Dependencies of `redisConnection`. */
export interface RedisConnectionParts {
  readonly library: IoRedis;
  readonly addresses: readonly RedisAddress[];
  /** The begin of the name of every key. */
  readonly prefix: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Makes a connection, which connects when it is first used. */
export function redisConnection(parts: RedisConnectionParts): RedisConnection {
  return new Connection(parts);
}

class Connection implements RedisConnection {
  readonly shown: string;
  private readonly client: RedisClient;
  private readonly heard: RedisMessages;
  private readonly ups = new Subject<boolean>();
  /** Scripts that were sent over this connection. */
  private readonly sent = new Set<string>();
  private state: 'new' | 'up' | 'away' | 'closed' = 'new';
  private connecting: Promise<void> | undefined;
  private reason = 'not connected yet';
  /** Monotonic milliseconds at which the server was lost. */
  private lostAt: number | undefined;
  hasAnswered = false;
  private lastError: string | undefined;
  private cancelWatch: Cancel = () => undefined;

  constructor(private readonly parts: RedisConnectionParts) {
    this.shown = shownAddresses(parts.addresses);
    this.client = redisClient(parts.library, parts.addresses);
    this.heard = new RedisMessages(
      () => redisClient(parts.library, parts.addresses, { isForMessages: true }),
      this.ups.pipe(filter((isUp) => isUp)),
    );
    this.client.on('ready', () => this.up());
    this.client.on('close', () => this.lose(this.lastError ?? 'the connection was closed'));
    // A client without such a listener prints its errors.
    this.client.on('error', (error: Error) => (this.lastError = this.safely(error)));
  }

  get isUp(): boolean {
    return this.state === 'up';
  }

  get isUp$(): Observable<boolean> {
    return this.ups.asObservable();
  }

  key(tag: string, ...names: readonly string[]): string {
    return [`${this.parts.prefix}{${tag}}`, ...names].join(':');
  }

  async run(script: RedisScript, keys: readonly string[], args: readonly (string | number)[]): Promise<RedisReply> {
    if (this.state === 'new') await this.bounded(this.connect());
    if (this.state !== 'up') throw this.unavailable();
    return this.bounded(this.evaluate(script, keys, args));
  }

  messages(channel: string): Observable<string> {
    return this.heard.to(channel);
  }

  async check(): Promise<void> {
    try {
      await this.connect();
      checkServer(await this.client.info(), this.shown);
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      throw new ConfigError(this.problem(this.lastError ?? this.safely(error)));
    }
  }

  close(): void {
    this.state = 'closed';
    this.cancelWatch();
    this.ups.complete();
    this.heard.close();
    this.client.disconnect();
  }

  private connect(): Promise<void> {
    this.connecting ??= this.client.connect();
    return this.connecting;
  }

  /**
   * A script is sent as a whole when it is first used, so that what follows is not done before it. The server forgets its
   * scripts by SCRIPT FLUSH.
   */
  private async evaluate(
    { sha1, lua }: RedisScript,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<RedisReply> {
    const rest = [...keys, ...args];
    try {
      if (!this.sent.has(sha1)) {
        this.sent.add(sha1);
        return (await this.client.eval(lua, keys.length, ...rest)) as RedisReply;
      }
      return (await this.client.evalsha(sha1, keys.length, ...rest)) as RedisReply;
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return (await this.client.eval(lua, keys.length, ...rest)) as RedisReply;
    }
  }

  /** Waits for an answer, but not for long. One that comes later shows that the server is there again. */
  private bounded<T>(answer: Promise<T>): Promise<T> {
    const { clock } = this.parts;
    return new Promise((resolve, reject) => {
      const cancel = clock.setTimer(ANSWER_MS, () => {
        this.lose(`no answer within ${ANSWER_MS} ms`);
        reject(this.unavailable());
      });
      answer.then(
        (value) => {
          cancel();
          this.answered();
          resolve(value);
        },
        (error: unknown) => {
          cancel();
          reject(this.failure(error));
        },
      );
    });
  }

  private answered(): void {
    if (this.client.status === 'ready') this.up();
  }

  private up(): void {
    this.hasAnswered = true;
    if (this.state === 'closed' || this.state === 'up') return;
    const { clock, logger } = this.parts;
    this.cancelWatch();
    if (this.lostAt !== undefined) {
      const seconds = Math.round((clock.monotonic() - this.lostAt) / 1_000);
      logger.info(`The Redis at ${this.shown} answers again, after ${seconds} s.`);
    }
    [this.lostAt, this.lastError] = [undefined, undefined];
    this.state = 'up';
    this.ups.next(true);
  }

  private lose(reason: string): void {
    if (this.state === 'closed' || this.state === 'away') return;
    const wasUp = this.state === 'up';
    this.state = 'away';
    this.sent.clear();
    this.reason = reason;
    this.watch();
    if (!wasUp) return;
    this.lostAt = this.parts.clock.monotonic();
    this.parts.logger.warn(
      `The Redis at ${this.shown} is away: ${reason}. It is connected to again as soon as possible.`,
    );
    this.ups.next(false);
  }

  /** Connects anew where the other side has vanished without closing the connection. */
  private watch(): void {
    this.cancelWatch();
    this.cancelWatch = this.parts.clock.setTimer(RECONNECT_AFTER_MS, () => {
      if (this.client.status === 'ready' || this.client.status === 'connect') this.client.disconnect(true);
      this.watch();
    });
  }

  private failure(error: unknown): GenerationError {
    const text = this.safely(error);
    // An answer of the server's, such as a script's error. Others come from the connection.
    const isAnswer = error instanceof Error && error.name === 'ReplyError';
    return isAnswer
      ? new GenerationError('unavailable', `The Redis at ${this.shown} refuses a command: ${text}`, { retryable: true })
      : this.unavailable();
  }

  private unavailable(): GenerationError {
    return new GenerationError('unavailable', `The Redis at ${this.shown} does not answer: ${this.reason}.`, {
      retryable: true,
    });
  }

  private problem(text: string): string {
    const where = `the Redis at ${this.shown}`;
    if (/WRONGPASS|NOAUTH|NOPERM|invalid password/i.test(text))
      return `Cannot log in to ${where}: ${text}. Check the user and the password in plugins.redis.url.`;
    return `Cannot reach ${where}: ${text}. Is the server running? Check plugins.redis.url.`;
  }

  /** The text of an error without the password. */
  private safely(error: unknown): string {
    const text = error instanceof Error ? error.message : String(error);
    return this.parts.addresses
      .flatMap(({ password }) => (password === undefined ? [] : [password]))
      .reduce((rest, password) => rest.replaceAll(password, '…'), text === '' ? 'no reason given' : text);
  }
}
