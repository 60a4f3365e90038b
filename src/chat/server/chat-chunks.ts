import { isCommitPoint, isContent } from '../../core/events.js';
import type { ContentEvent, GenerationEnd, GenerationEvent } from '../../core/events.js';
import { GenerationError } from '../../core/errors/generation-error.js';
import type { ChatDialect, ChatFailure } from './chat-failure.js';
import { chatCall, chatFinishReason, chatImage } from './chat-answer.js';
import type { ChatHead } from './chat-answer.js';
import { chatUsage } from './chat-usage.js';

/** The form of a streamed answer. */
export interface ChatChunksOptions extends ChatHead {
  readonly dialect: ChatDialect;
  /** Whether to send `usage` at the end. An aggregator always does. */
  readonly wantsUsage: boolean;
}

/**
 * Writes the events of a generation as the server-sent events of one chat completion: one id, one role, one finish reason,
 * one usage, `[DONE]`. A continuation is invisible. Thoughts, images and the like are written once an answer follows
 * them, since those of an attempt that fails before are void.
 * @example
 * ```ts
 * const chunks = new ChatChunks({ id: 'gen-1', created: 1_790_000_000, model, dialect: 'openai', wantsUsage: true });
 * for await (const event of pipeline.iterate(input)) response.write(chunks.of(event));
 * ```
 */
export class ChatChunks {
  private readonly head: Readonly<Record<string, unknown>>;
  private readonly before: string;
  private readonly after: string;
  private hasBegun = false;
  /** Content of the running attempt that is void if the attempt fails now. */
  private pending: ContentEvent[] = [];
  private hasAnswer = false;

  constructor(private readonly options: ChatChunksOptions) {
    const { id, created, model } = options;
    this.head = { id, object: 'chat.completion.chunk', created, model };
    // Chunks differ in their delta alone. To write the rest of each again takes longer than all else.
    const [before = '', after = ''] = event({ ...this.head, choices: [choice(DELTA)] }).split(JSON.stringify(DELTA));
    [this.before, this.after] = [before, after];
  }

  /**
   * The text to send for an event; empty if the client is not to see it.
   * @throws GenerationError `internal` for a `restart`: what was sent cannot be taken back
   */
  of(event: GenerationEvent): string {
    switch (event.type) {
      case 'attempt-start':
        [this.pending, this.hasAnswer] = [[], false];
        return '';
      case 'continuation':
        this.hasAnswer = false;
        return this.flush();
      case 'generation-end':
        return this.end(event);
      case 'restart':
        throw new GenerationError('internal', 'A streamed answer cannot begin again.');
      default:
        return isContent(event) ? this.content(event) : '';
    }
  }

  /** The text to send when the generation fails after the status line. The connection must be broken after it. */
  failure({ body }: ChatFailure): string {
    return event({ ...this.head, ...body, choices: [choice({ content: '' }, 'error')] });
  }

  private content(event: ContentEvent): string {
    this.hasAnswer ||= isCommitPoint(event);
    if (this.hasAnswer) return this.flush() + this.chunk(deltaOf(event));
    this.pending.push(event);
    return '';
  }

  private flush(): string {
    if (this.pending.length === 0) return '';
    const text = this.pending.map((event) => this.chunk(deltaOf(event))).join('');
    this.pending = [];
    return text;
  }

  private chunk(delta: object): string {
    return this.begin() + this.before + JSON.stringify(delta) + this.after;
  }

  private begin(): string {
    if (this.hasBegun) return '';
    this.hasBegun = true;
    return event({ ...this.head, choices: [choice({ role: 'assistant', content: '' })] });
  }

  private end({ finishReason, usage, provider }: GenerationEnd): string {
    const last = {
      ...choice({}, chatFinishReason(finishReason)),
      native_finish_reason: finishReason.raw,
    };
    const isAggregator = this.options.dialect === 'aggregator';
    const bill = {
      ...this.head,
      provider,
      // Clients of aggregators read the first choice of every chunk; those of OpenAI know the empty list.
      choices: isAggregator ? [choice({ content: '' })] : [],
      usage: chatUsage(usage),
    };
    return [
      this.begin(),
      this.flush(),
      event({ ...this.head, choices: [last] }),
      isAggregator || this.options.wantsUsage ? event(bill) : '',
      'data: [DONE]\n\n',
    ].join('');
  }
}

/** Stands for a delta. No name of a model holds it: its quotation marks are written with a backslash there. */
const DELTA = { delta: 'here' };

function deltaOf(event: ContentEvent): object {
  switch (event.type) {
    case 'text-delta':
      return { content: event.delta };
    case 'reasoning-delta':
      return { reasoning: event.delta };
    case 'reasoning-details':
      return { reasoning_details: event.details };
    case 'tool-call':
      return { tool_calls: [{ index: event.index, ...chatCall(event) }] };
    case 'annotation':
      return { annotations: [event.annotation] };
    case 'image':
      return { images: [chatImage(event.url)] };
    default:
      return event satisfies never;
  }
}

function choice(delta: object, finishReason: string | null = null): object {
  return { index: 0, delta, finish_reason: finishReason, logprobs: null };
}

function event(chunk: object): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
