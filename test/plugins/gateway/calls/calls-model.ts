import { ApiError, GenerationError, InterruptedError } from 'scriptorium';
import { flushed } from '../../../support/flushed.js';
import { REATTACH_MS } from './gateway-calls.js';
import type { GatewayCalls, Reading } from './gateway-calls.js';

/** An action of a client, of the vendor or of time. `which` chooses among those that can act. */
export type Action =
  | { readonly type: 'open'; readonly client: 'ada' | 'bob'; readonly body: 'a' | 'b' }
  | { readonly type: 'leave' | 'deliver'; readonly which: number }
  | { readonly type: 'write' | 'finish'; readonly which: number }
  | { readonly type: 'fail'; readonly which: number; readonly how: 'broken' | 'final' | 'passing' }
  | { readonly type: 'advance'; readonly share: number };

/** A generation, by the rules. */
interface Modelled {
  readonly key: string;
  /** Its place among the requests to the vendor. */
  readonly index: number;
  readonly given: string;
  text: string;
  state: 'running' | 'whole' | 'broken' | 'final';
  holder: Reading | undefined;
  until: number;
}

/** What a client was promised when it opened its call. */
type Promised = { readonly type: 'text'; readonly modelled: Modelled } | { readonly type: 'failure' };

const ERRORS = {
  broken: () =>
    new InterruptedError('It broke off.', { cause: new GenerationError('connection', 'Reset.', { retryable: true }) }),
  final: () => new ApiError('bad-request', 'The request is wrong.', { status: 400 }),
  passing: () => new ApiError('overloaded', 'Busy.', { status: 503, retryable: true }),
};

/** The rules of clients that come back, in their plainest form, beside the gateway that must follow them. */
export class CallsModel {
  private generations: Modelled[] = [];
  private readonly readings = new Map<Reading, Promised>();
  private requests = 0;
  private words = 0;
  private now = 0;

  constructor(private readonly gateway: GatewayCalls) {}

  /** Does it on both sides. */
  async act(action: Action): Promise<void> {
    switch (action.type) {
      case 'open':
        this.open(action.client, action.body);
        break;
      case 'leave':
        this.on(this.held(), action.which, (one) => this.leave(one));
        break;
      case 'deliver':
        this.on(
          this.held().filter(({ state }) => state === 'whole'),
          action.which,
          (one) => {
            one.holder?.call.delivered();
            this.remove(one);
          },
        );
        break;
      case 'advance':
        this.advance(Math.round(action.share * REATTACH_MS));
        break;
      case 'write':
        this.on(this.running(), action.which, (one) => this.write(one));
        break;
      case 'finish':
        this.on(this.running(), action.which, (one) => this.finish(one));
        break;
      case 'fail': {
        const { how } = action;
        this.on(this.running(), action.which, (one) => this.fail(one, how));
      }
    }
    await flushed();
  }

  /** Ends all that is left, by the rules. */
  async leaveAll(): Promise<void> {
    for (const one of [...this.generations]) if (one.holder !== undefined) this.leave(one);
    await flushed();
    this.advance(REATTACH_MS);
    await flushed();
  }

  /** The state by the rules. */
  expected(): object {
    return {
      requests: this.requests,
      running: this.generations
        .filter(({ state }) => state === 'running')
        .map(({ index }) => index)
        .sort((a, b) => a - b),
      timers: this.generations.filter(({ holder }) => holder === undefined).length,
      given: this.generations.map(({ index, given }) => [index, given === '' ? undefined : given]),
      held: this.held().map(({ text, state }) => ({ text, isWhole: state === 'whole' })),
      repeated: this.repeated().map(() => 'bad-request'),
    };
  }

  /** The state of the gateway. */
  actual(): object {
    const { opened, clock } = this.gateway;
    return {
      requests: opened.length,
      running: opened.flatMap(({ isOpen }, index) => (isOpen ? [index] : [])),
      timers: clock.pending,
      given: this.generations.map(({ index }) => [index, opened[index]?.request.continueFrom]),
      held: this.held().map(({ holder }) => ({ text: holder?.text, isWhole: holder?.isWhole })),
      repeated: this.repeated().map(({ error }) => error?.code),
    };
  }

  private open(client: string, body: string): void {
    const key = `${client} ${body}`;
    const free = this.generations.filter((one) => one.key === key && one.holder === undefined);
    const reading = this.gateway.ask({ name: client, body });
    const orphan = free.find(({ state }) => state === 'running' || state === 'whole');
    if (orphan !== undefined) this.hold(orphan, reading);
    else {
      const broken = free.find(({ state }) => state === 'broken');
      if (broken !== undefined) {
        this.remove(broken);
        this.hold(this.begin(key, broken.text), reading);
      } else if (free.length > 0) this.readings.set(reading, { type: 'failure' });
      else this.hold(this.begin(key, ''), reading);
    }
  }

  private begin(key: string, given: string): Modelled {
    const one: Modelled = {
      key,
      index: this.requests,
      given,
      text: given,
      state: 'running',
      holder: undefined,
      until: 0,
    };
    this.requests += 1;
    this.generations.push(one);
    return one;
  }

  private hold(one: Modelled, reading: Reading): void {
    one.holder = reading;
    this.readings.set(reading, { type: 'text', modelled: one });
  }

  private leave(one: Modelled): void {
    one.holder?.call.abandon();
    this.free(one);
  }

  private write(one: Modelled): void {
    this.words += 1;
    const word = `word ${this.words}. `;
    one.text += word;
    this.gateway.opened[one.index]?.write(word);
  }

  private finish(one: Modelled): void {
    one.state = 'whole';
    this.gateway.opened[one.index]?.end();
  }

  private fail(one: Modelled, how: keyof typeof ERRORS): void {
    this.gateway.opened[one.index]?.fail(ERRORS[how]());
    const hasGrown = one.text.length > one.given.length;
    const isContinued = one.given !== '';
    const mayContinue = how === 'final' ? isContinued && hasGrown : one.text !== '';
    if (mayContinue) one.state = 'broken';
    else if (how === 'final' && !isContinued) one.state = 'final';
    else this.remove(one);
    this.free(one);
  }

  private free(one: Modelled): void {
    one.holder = undefined;
    one.until = this.now + REATTACH_MS;
  }

  private advance(ms: number): void {
    this.now += ms;
    this.gateway.clock.advance(ms);
    this.generations = this.generations.filter(({ holder, until }) => holder !== undefined || until > this.now);
  }

  private remove(one: Modelled): void {
    this.generations = this.generations.filter((other) => other !== one);
  }

  private running(): readonly Modelled[] {
    return this.generations.filter(({ state }) => state === 'running');
  }

  private held(): readonly Modelled[] {
    return this.generations.filter(({ holder }) => holder !== undefined);
  }

  private repeated(): readonly Reading[] {
    return [...this.readings].flatMap(([reading, { type }]) => (type === 'failure' ? [reading] : []));
  }

  private on(those: readonly Modelled[], which: number, act: (one: Modelled) => void): void {
    const one = those[which % Math.max(those.length, 1)];
    if (one !== undefined) act(one);
  }
}
