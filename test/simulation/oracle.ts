import { GenerationError } from 'scriptorium';
import type {
  AttemptStat,
  GenerationEnd,
  GenerationEvent,
  GenerationInput,
  GenerationStat,
  InterceptorDefinition,
  Plugin,
  Stat,
  Usage,
  Waiting,
} from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import type { LoggedRequest, WireMessage } from 'scriptorium/testing';
import type { World } from '../../src/testing/simulation/world.js';
import { checkBooks } from './books.js';
import type { Coverage } from './coverage.js';

/** The header by which a vendor's log and a generation are tied. */
export const GENERATION_HEADER = 'x-simulated-generation';

/** Ties each request on the wire to its generation: innermost, so that the key of the cache does not hold it. */
const TYING: InterceptorDefinition = {
  name: 'tying',
  phase: 'attempt',
  intercept: (request, next) => next({ ...request, headers: { ...request.headers, [GENERATION_HEADER]: request.id } }),
};

/** A vendor with its own record of what it has served. */
export interface Witness {
  readonly requests: readonly LoggedRequest[];
  /** Undefined where it cannot say: such a text is not checked. */
  textFor(request: { readonly model?: string; readonly messages: readonly WireMessage[] }): string | undefined;
}

/** One generation as its observer sees it. */
export interface Observed {
  readonly id: string;
  text: string;
  /** Texts that a restart has voided. */
  voided: string[];
  deltas: number;
  splices: number;
  /** The characters before each place where an answer was joined. */
  joints: number[];
  /** The last event, if it was a wait. */
  wait: Waiting | undefined;
  isOver: boolean;
  /** The text that the vendor gives to its input, if that is known. */
  readonly expected: () => string | undefined;
  end: GenerationEnd | undefined;
}

/** How an observer has seen a generation end. `left`: the reader of a buffer has left, and did not see how it ended. */
type Outcome = 'succeeded' | 'failed' | 'cancelled' | 'left';

interface ChatBody {
  readonly model: string;
  readonly messages: readonly WireMessage[];
}

/**
 * Checks every generation of a world against what the vendors themselves have on record: the texts, the sums, the
 * grammar.
 */
export class Oracle {
  private readonly attempts = new Map<string, AttemptStat[]>();
  private readonly ends = new Map<string, GenerationStat[]>();
  private readonly faulty = new Set<string>();
  /** Codes that attempts had, by generation: the error that follows is the same failure. */
  private readonly codes = new Set<string>();
  private readonly index: RequestIndex;
  private readonly seen = new Map<string, GenerationEnd>();
  private readonly settled = new Map<string, Outcome>();
  private started = 0;

  constructor(
    private readonly world: World,
    private readonly coverage: Coverage,
    private readonly witnesses: readonly Witness[],
  ) {
    this.index = new RequestIndex(witnesses);
  }

  /** A plugin that lets the oracle see every stat of a process. */
  plugin(): Plugin {
    return definePlugin({
      name: 'oracle',
      apiVersion: 1,
      setup: (host) => {
        host.addStatSink({ name: 'oracle', record: (stat) => this.record(stat) });
        host.addInterceptor(TYING);
      },
    });
  }

  /** A generation begins. */
  begins(id: string, { model, prompt }: GenerationInput): Observed {
    this.started += 1;
    const expected = (): string | undefined =>
      model === undefined || prompt === undefined
        ? undefined
        : this.witnesses[0]?.textFor({ model, messages: [{ role: 'user', content: prompt }] });
    return {
      id,
      text: '',
      voided: [],
      deltas: 0,
      splices: 0,
      joints: [],
      isOver: false,
      wait: undefined,
      expected,
      end: undefined,
    };
  }

  takes(seen: Observed, event: GenerationEvent): void {
    this.coverage.event(event);
    this.world.check(!seen.isOver, () => `${seen.id}: ${event.type} after its end.`);
    this.takesWait(seen, event);
    if (event.type === 'text-delta') {
      seen.text += event.delta;
      seen.deltas += 1;
    } else if (event.type === 'restart') {
      seen.voided.push(seen.text);
      seen.text = '';
      seen.splices += 1;
      seen.joints = [];
    } else if (event.type === 'continuation') {
      seen.splices += 1;
      seen.joints.push(seen.text.length);
    } else if (event.type === 'generation-end') {
      seen.end = event;
      this.seen.set(seen.id, event);
      this.checkWhole(seen, event);
    }
  }

  /** Each wait is reported once: not again while its reason and its end stay the same. */
  private takesWait(seen: Observed, event: GenerationEvent): void {
    const before = seen.wait;
    seen.wait = event.type === 'waiting' ? event : undefined;
    if (event.type !== 'waiting' || before?.for !== event.for) return;
    this.world.check(
      before.untilMs === undefined ? event.untilMs !== undefined : before.untilMs !== event.untilMs,
      () => `${seen.id} reports a wait twice: ${JSON.stringify([before, event])}.`,
    );
  }

  succeeds(seen: Observed): void {
    this.settles(seen, 'succeeded');
  }

  fails(seen: Observed, error: unknown): void {
    if (!GenerationError.is(error)) {
      this.world.violation(`${seen.id} failed with something that is not a GenerationError: ${String(error)}`);
      this.settles(seen, 'failed');
      return;
    }
    for (const code of codesOf(error)) if (!this.codes.has(`${seen.id} ${code}`)) this.coverage.code(code);
    const { partial } = error;
    const wholes = this.textsOf(seen);
    if (partial !== undefined && partial.text !== '' && wholes.length > 0)
      this.world.check(
        wholes.some((whole) => whole.startsWith(partial.text)),
        () => `${seen.id}: its partial text is not the beginning of any text of the vendor: ${quote(partial.text)}`,
      );
    this.settles(seen, error.code === 'aborted' ? 'cancelled' : 'failed');
  }

  cancelled(seen: Observed): void {
    this.settles(seen, 'cancelled');
  }

  /** The reader has left, but events may have been waiting for it. */
  left(seen: Observed): void {
    this.settles(seen, 'left');
  }

  /** The process was killed: this generation never settles. */
  vanished(seen: Observed): void {
    // It may have ended at the same moment.
    if (seen.isOver) return;
    seen.isOver = true;
    this.checkBeginning(seen);
    this.started -= 1;
    this.coverage.generation('killed', this.marksOf(seen));
  }

  /** Compares the books of both sides, once all is over. */
  close(): void {
    const { world } = this;
    for (const [id, stats] of this.ends) world.check(stats.length === 1, `${id} has ${stats.length} stats at its end.`);
    for (const [id, outcome] of this.settled) {
      const [stat] = this.ends.get(id) ?? [];
      const expected = { succeeded: 'success', failed: 'error', cancelled: 'cancelled', left: stat?.outcome }[outcome];
      world.check(stat !== undefined, `${id} has no stat.`);
      if (stat !== undefined)
        world.check(stat.outcome === expected, `${id} ended as ${outcome}, but its stat says ${stat.outcome}.`);
    }
    world.check(this.settled.size === this.started, `${this.started - this.settled.size} generations never settled.`);
    for (const [id, [stat]] of this.ends) if (stat !== undefined) checkBooks(world, stat, this.attempts.get(id) ?? []);
    for (const id of this.settled.keys()) this.checkRequests(id);
    this.checkUsage();
    this.checkSums();
  }

  private record(stat: Stat): void {
    if (stat.type === 'attempt-end') {
      this.attempts.set(stat.generationId, [...(this.attempts.get(stat.generationId) ?? []), stat]);
      if (stat.errorCode === undefined) return;
      this.faulty.add(stat.generationId);
      this.codes.add(`${stat.generationId} ${stat.errorCode}`);
      this.coverage.code(stat.errorCode);
    } else if (stat.type === 'generation-end')
      this.ends.set(stat.generationId, [...(this.ends.get(stat.generationId) ?? []), stat]);
  }

  /** Each request that has reached a vendor is an attempt on record, so that nothing paid is missing. */
  private checkRequests(id: string): void {
    const [requests, attempts] = [this.index.of(id).length, this.attempts.get(id)?.length ?? 0];
    this.world.check(
      requests <= attempts,
      () => `${id}: the vendors received ${requests} requests of ${attempts} attempts.`,
    );
  }

  /** The reported usage of an attempt is the vendor's, to the token and the cent. */
  private checkUsage(): void {
    const records = new Map(this.witnesses.flatMap(({ requests }) => requests.map((request) => [request.id, request])));
    for (const stat of [...this.attempts.values()].flat()) {
      if (stat.usage.source !== 'reported') continue;
      this.world.check(stat.responseId !== undefined, () => `${stat.generationId}: a measured attempt has no id.`);
      // Some vendors keep no record.
      if (stat.responseId === undefined || this.index.of(stat.generationId).length === 0) continue;
      const record = records.get(stat.responseId);
      const { usage } = stat;
      this.world.check(
        record?.usage !== undefined,
        () => `${stat.generationId}: a measured attempt has the id ${stat.responseId}, which no vendor has billed.`,
      );
      if (record?.usage === undefined) continue;
      this.world.check(
        usage.inputTokens === record.usage.prompt_tokens &&
          usage.outputTokens === record.usage.completion_tokens &&
          Math.abs((usage.costUsd ?? 0) - record.cost) < 1e-9,
        () =>
          `${stat.generationId}: an attempt counts ${JSON.stringify(usage)}; the vendor billed ${JSON.stringify(record.usage)}.`,
      );
    }
  }

  /** The last event of a generation has the usage of its attempts, and each paid answer is in one attempt. */
  private checkSums(): void {
    for (const [id, end] of this.seen) {
      if (end.servedFrom !== 'provider' || !this.ends.has(id)) continue;
      const sum = summed((this.attempts.get(id) ?? []).map(({ usage }) => usage));
      this.world.check(
        isSame(end.usage, sum),
        () => `${id} ends with the usage ${JSON.stringify(end.usage)}; its attempts have ${JSON.stringify(sum)}.`,
      );
    }
    this.checkAnswers();
  }

  /**
   * Each answer that a vendor has given to its end, with its usage, is in one attempt at most: it may have been lost on
   * the way. That with which a generation has succeeded is in exactly one.
   */
  private checkAnswers(): void {
    const counts = new Map<string, number>();
    for (const { responseId = '' } of [...this.attempts.values()].flat())
      counts.set(responseId, (counts.get(responseId) ?? 0) + 1);
    for (const { requests } of this.witnesses)
      for (const { id, outcome, usageSent, headers } of requests) {
        if (outcome !== 'completed' || !usageSent || !this.settled.has(headers[GENERATION_HEADER] ?? '')) continue;
        const count = counts.get(id) ?? 0;
        const least = this.isLastOfSuccess(id, headers[GENERATION_HEADER] ?? '') ? 1 : 0;
        this.world.check(count >= least && count <= 1, () => `The answer ${id} is in ${count} attempts.`);
      }
  }

  private isLastOfSuccess(requestId: string, generationId: string): boolean {
    return (
      this.settled.get(generationId) === 'succeeded' && this.index.of(generationId).at(-1)?.request.id === requestId
    );
  }

  private checkWhole(seen: Observed, { finishReason, servedFrom }: GenerationEnd): void {
    const reason = finishReason.unified;
    const whole = servedFrom === 'cache' ? seen.expected() : this.textsOf(seen).at(-1);
    if (whole === undefined || reason === 'tool-calls') return;
    const isRight = reason === 'stop' ? seen.text === whole : whole.startsWith(seen.text);
    this.world.check(
      isRight,
      () => `${seen.id}: a wrong text was called whole (${reason}); ${difference(seen.text, whole)}`,
    );
  }

  /** The whole texts that the vendors would give to the requests of a generation, in their order. */
  private textsOf(seen: Observed): readonly string[] {
    return this.index
      .of(seen.id)
      .filter(({ request }) => request.body !== undefined)
      .map(({ witness, request }) => witness.textFor(request.body as ChatBody))
      .filter((whole) => whole !== undefined)
      .map((whole) => joinedAs(seen, whole));
  }

  private settles(seen: Observed, outcome: Outcome): void {
    this.world.check(!seen.isOver, `${seen.id} ended twice.`);
    seen.isOver = true;
    this.settled.set(seen.id, outcome);
    this.checkBeginning(seen);
    this.world.note(`generation ${seen.id} ${outcome}`);
    this.coverage.generation(outcome, this.marksOf(seen));
  }

  /** Whatever became of a generation, its reader has the beginning of a text of the vendor. */
  private checkBeginning(seen: Observed): void {
    const { id, text, end } = seen;
    const wholes = end === undefined ? this.textsOf(seen) : [];
    if (text === '' || wholes.length === 0) return;
    this.world.check(
      wholes.some((whole) => whole.startsWith(text)),
      () => `${id}: its reader has a text that no vendor has begun: ${difference(text, wholes.at(-1) ?? '')}`,
    );
  }

  private marksOf({ id, deltas, splices }: Observed) {
    return { deltas, hadFault: this.faulty.has(id), wasContinued: splices > 0 };
  }
}

/** The requests of the vendors by generation, in the order of their arrival. */
class RequestIndex {
  private readonly found = new Map<string, { readonly witness: Witness; readonly request: LoggedRequest }[]>();
  private readonly read = new Map<Witness, number>();

  constructor(private readonly witnesses: readonly Witness[]) {}

  of(id: string): readonly { readonly witness: Witness; readonly request: LoggedRequest }[] {
    for (const witness of this.witnesses) this.readOn(witness);
    return [...(this.found.get(id) ?? [])].sort((a, b) => a.request.arrivedAt - b.request.arrivedAt);
  }

  private readOn(witness: Witness): void {
    const { requests } = witness;
    for (let at = this.read.get(witness) ?? 0; at < requests.length; at += 1) {
      const request = requests[at];
      const id = request?.headers[GENERATION_HEADER];
      if (request === undefined || id === undefined) continue;
      this.found.set(id, [...(this.found.get(id) ?? []), { witness, request }]);
    }
    this.read.set(witness, requests.length);
  }
}

/** The codes of an error, of its routes, and of its cause. */
function codesOf(error: GenerationError): readonly string[] {
  const { code, cause, routeFailures = [] } = error;
  const routes = routeFailures.flatMap(codesOf);
  return [code, ...routes, ...(GenerationError.is(cause) ? [cause.code] : [])];
}

type Tokens = Pick<Usage, 'inputTokens' | 'outputTokens'>;

function summed(usages: readonly Tokens[]): Tokens {
  return usages.reduce<Tokens>(
    (sum, usage) => ({
      inputTokens: sum.inputTokens + usage.inputTokens,
      outputTokens: sum.outputTokens + usage.outputTokens,
    }),
    { inputTokens: 0, outputTokens: 0 },
  );
}

function isSame(one: Tokens, other: Tokens): boolean {
  return one.inputTokens === other.inputTokens && one.outputTokens === other.outputTokens;
}

/** The text with the white space that a reader had when an answer was joined: another model may put another one there. */
function joinedAs({ text, joints }: Observed, whole: string): string {
  return joints.reduce((joined, joint) => {
    const before = text.slice(0, joint);
    const words = before.trimEnd();
    const after = joined.slice(words.length);
    const isBlank = before !== words && /^\s/u.test(after) && joined.startsWith(words);
    return isBlank ? before + after.trimStart() : joined;
  }, whole);
}

function difference(text: string, whole: string): string {
  let at = 0;
  while (at < text.length && text[at] === whole[at]) at += 1;
  return `at character ${at} of ${whole.length} it has ${quote(text.slice(at, at + 40))} in place of ${quote(whole.slice(at, at + 40))}, and ${text.length} characters in all.`;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
