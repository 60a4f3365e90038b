import type { PipelineConfig } from '../config/base-schema.js';
import type { Outcome } from '../core/attempt.js';
import type { Clock, Random } from '../core/clock.js';
import { toGenerationError } from '../core/errors/classify.js';
import { GenerationError } from '../core/errors/generation-error.js';
import type { PartialAnswer } from '../core/errors/generation-error.js';
import type { GenerationEnd, GenerationEvent } from '../core/events.js';
import type { Backpressure } from '../core/util/backpressure.js';
import { guarded } from '../core/util/guarded.js';
import { randomId } from '../core/util/random-id.js';
import type { RecordStat, Redact } from '../core/ports.js';
import type { ProviderRegistry } from '../core/provider-registry.js';
import { newGenerationState } from '../core/state.js';
import type { GenerationState } from '../core/state.js';
import type { GenerationStat } from '../core/stats.js';
import { sumCost, sumUsage } from '../core/usage.js';
import type { Usage } from '../core/usage.js';
import type { GenerationInput } from '../input/generation-input.js';
import { isOf } from '../input/field-problems.js';
import { INPUT_FORMATS } from '../input/input-formats.js';
import { scrubbed } from '../core/errors/scrub.js';
import { redactedCopy } from '../core/redaction/redacted-copy.js';
import { stackWithCaller } from './caller.js';
import type { Caller } from './caller.js';

export interface GenerationParts {
  readonly defaults: PipelineConfig['defaults'];
  readonly providers: ProviderRegistry;
  readonly clock: Clock;
  readonly random: Random;
  readonly record: RecordStat;
  readonly redact: Redact;
  /** The ids of the generations that run in the pipeline. */
  readonly running: Set<string>;
}

/** One generation from its start to its one stat. Its end is recorded once, whatever comes after. */
export class OpenGeneration {
  /** The input's id if that is valid and free, otherwise a random one. */
  readonly id: string;
  readonly state: GenerationState;
  /** Identifies the request in the stat; the input may be invalid in any way. */
  readonly about: Pick<GenerationStat, 'provider' | 'model' | 'labels'>;
  private readonly record: RecordStat;
  private readonly startedAt: number;
  /** The text so far, with the one that is continued. */
  private texts: string[] = [];
  /** The longest text that a restart has voided: it was paid for all the same. */
  private voided = { text: '', toolCallsOpen: false };
  private servedFrom: GenerationEnd['servedFrom'] = 'provider';

  constructor(
    private readonly parts: GenerationParts,
    input: GenerationInput,
    private readonly opened: { readonly caller: Caller; readonly backpressure?: Backpressure },
  ) {
    const { clock, running } = parts;
    const { id } = input;
    this.id = isOf(INPUT_FORMATS.id, id) && id !== undefined && !running.has(id) ? id : freeId(parts);
    running.add(this.id);
    this.record = guarded(parts.record);
    this.state = newGenerationState(clock.monotonic(), opened.backpressure);
    this.startedAt = clock.now();
    this.about = aboutInput(input, parts);
    const given: unknown = input.continueFrom;
    if (typeof given === 'string' && given !== '') this.texts.push(given);
  }

  /** @throws GenerationError `invalid-input` if another running generation has the input's id */
  assertOwnId({ id }: Pick<GenerationInput, 'id'>): void {
    if (id === undefined || id === this.id) return;
    throw new GenerationError(
      'invalid-input',
      `A generation with the id "${id}" is running in this pipeline. Use another id, or wait for its end.`,
    );
  }

  get isOver(): boolean {
    return this.state.hasEnded;
  }

  /** Sees every event on its way to the user; the end gets its sums. */
  take(event: GenerationEvent): GenerationEvent {
    switch (event.type) {
      case 'text-delta':
        this.texts.push(event.delta);
        return event;
      case 'restart':
        this.voided = this.longestText();
        this.texts = [];
        return event;
      case 'generation-end':
        this.servedFrom = event.servedFrom;
        this.end('success');
        return {
          ...event,
          generationId: this.id,
          ...this.labelsField(),
          usage: sumUsage(this.usages()),
          attempts: [...this.state.attempts],
        };
      default:
        return event;
    }
  }

  /** Does nothing once the generation has ended. */
  cancel(): void {
    this.end('cancelled');
  }

  /** Gives the error for the user: with what only the generation knows, and without any secret. */
  fail(error: unknown): GenerationError {
    const { id, state } = this;
    const failure = this.describe(error);
    const partial: PartialAnswer = { ...this.longestText(), usage: sumUsage(this.usages()) };
    const hasPartial = partial.text !== '' || failure.code === 'interrupted';
    const detailed = failure.withDetails({
      generationId: id,
      ...this.labelsField(),
      attempts: [...state.attempts],
      ...(hasPartial && { partial }),
    });
    const stack = stackWithCaller(detailed.stack ?? '', this.opened.caller);
    Object.defineProperty(detailed, 'stack', { value: stack, configurable: true, writable: true });
    this.end(detailed.code === 'aborted' ? 'cancelled' : 'error', detailed);
    return detailed;
  }

  private labels(): GenerationStat['labels'] {
    return { ...this.about.labels, ...this.state.labels };
  }

  /** For errors and results: left out without labels. */
  private labelsField(): { readonly labels?: GenerationStat['labels'] } {
    const labels = this.labels();
    return Object.keys(labels).length === 0 ? {} : { labels: redactedCopy(labels, this.parts.redact) };
  }

  /** A thrown value may hold anything, such as getters that throw. */
  private describe(error: unknown): GenerationError {
    try {
      return scrubbed(toGenerationError(error), this.parts.redact);
    } catch {
      return new GenerationError('internal', 'The generation failed with a value that cannot be read.');
    }
  }

  /** The present one, unless a voided one was longer. */
  private longestText(): Omit<PartialAnswer, 'usage'> {
    const present = { text: this.texts.join(''), toolCallsOpen: this.state.current?.toolCallsOpen ?? false };
    return present.text.length < this.voided.text.length ? this.voided : present;
  }

  private usages(): readonly Usage[] {
    return this.state.attempts.map(({ usage }) => usage);
  }

  private end(outcome: Outcome, error?: GenerationError): void {
    if (this.state.hasEnded) return;
    this.state.hasEnded = true;
    this.parts.running.delete(this.id);
    const { id, state, startedAt, servedFrom, about } = this;
    const usages = this.usages();
    this.record({
      type: 'generation-end',
      generationId: id,
      provider: about.provider,
      model: about.model,
      labels: this.labels(),
      outcome,
      startedAt,
      servedFrom,
      latencyMs: Math.max(this.parts.clock.monotonic() - state.startedAt, 0),
      queueMs: state.queueMs,
      backoffMs: state.backoffMs,
      attempts: state.attempts.length,
      usage: sumUsage(usages),
      cost: sumCost(usages),
      ...(error !== undefined && { errorCode: error.code, errorMessage: error.message }),
      ...(state.firstTokenAt !== undefined && {
        timeToFirstTokenMs: Math.max(state.firstTokenAt - state.startedAt, 0),
      }),
    });
  }
}

/** A random id. A source that repeats itself, as in a test, gives the same one again: then it is numbered. */
function freeId({ random, running }: GenerationParts): string {
  const id = randomId(random);
  let free = id;
  for (let count = 2; running.has(free); count += 1) free = `${id}-${count}`;
  return free;
}

/** `normalise` rejects values of a wrong type later; until then the stat has the default. */
function aboutInput(
  input: GenerationInput,
  { defaults, providers }: GenerationParts,
): Pick<GenerationStat, 'provider' | 'model' | 'labels'> {
  const { provider, model, labels }: Readonly<Record<keyof GenerationInput, unknown>> = input as Record<
    keyof GenerationInput,
    unknown
  >;
  const named = typeof labels === 'object' && labels !== null && !Array.isArray(labels) ? Object.entries(labels) : [];
  const id = typeof provider === 'string' ? provider : (defaults.provider ?? providers.firstId);
  const preset = defaults.model ?? providers.find(id)?.defaultModel ?? 'none';
  return {
    provider: id,
    model: typeof model === 'string' ? model.trim() : preset,
    labels: Object.fromEntries(named.filter((label): label is [string, string] => typeof label[1] === 'string')),
  };
}
