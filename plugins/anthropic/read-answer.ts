import {
  asList,
  asObject,
  asText,
  cutShort,
  malformed,
  refuseEmpty,
  wholeCharacters,
  withoutCalls,
  WrongNumbers,
} from 'scriptorium/provider';
import type { AnswerReader, Emit, FinishReason, GenerationEnd, Json, Usage } from 'scriptorium/provider';
import { Blocks } from './blocks.js';
import { readFinish } from './finish.js';
import type { MessageReaderParts } from './message-reader-parts.js';
import { Metadata } from './metadata.js';
import { UsageCount } from './usage.js';

/**
 * Reads one answer of the Messages API: the events of a stream, known by the `type` in their data, or one whole message. A
 * stop reason is what makes an answer whole; `message_stop` only closes it. Events, blocks and deltas of unknown types are
 * passed over.
 */
export class MessageReader implements AnswerReader {
  private readonly blocks = new Blocks();
  private readonly wrong = new WrongNumbers();
  private readonly usage: UsageCount;
  private readonly metadata = new Metadata();
  private readonly text = wholeCharacters();
  private readonly found = { text: false, thought: false, call: false };
  private responseId: string | undefined;
  private model: string;
  private finishReason: FinishReason | undefined;
  private hasBegun = false;
  private hasLastCount = false;
  private hasClosed = false;

  constructor(private readonly parts: MessageReaderParts) {
    this.model = parts.model;
    this.usage = new UsageCount(parts.price, this.wrong.reject);
  }

  read(json: unknown, emit: Emit): boolean {
    const event = asObject(json);
    if (event === undefined) throw malformed(json);
    if (event.error != null) this.fail(event);
    switch (event.type) {
      case 'message_start':
        return this.begin(asObject(event.message) ?? {}, emit);
      case 'message':
        return this.begin(event, emit);
      case 'content_block_start':
        return this.notYetEnded(this.startBlock(event.index, asObject(event.content_block) ?? {}, emit));
      case 'content_block_delta':
        return this.notYetEnded(this.addToBlock(event.index, asObject(event.delta) ?? {}, emit));
      case 'message_delta':
        this.conclude(event, emit);
        break;
      case 'message_stop':
        this.hasClosed = true;
        break;
      default:
    }
    return false;
  }

  isWhole(): boolean {
    return this.finishReason !== undefined;
  }

  isClosed(): boolean {
    return this.hasClosed;
  }

  end(emit: Emit): GenerationEnd {
    const {
      finishReason,
      responseId,
      model,
      blocks,
      found,
      parts: { provider, requestId },
    } = this;
    if (finishReason === undefined) throw cutShort(found.text || found.thought || found.call);
    if (finishReason.unified === 'tool-calls' && !found.call) throw withoutCalls(finishReason.raw);
    this.emitText(this.text.rest(), emit);
    if (!found.text && !found.call && !this.hasNothingToAdd(finishReason)) refuseEmpty(finishReason);
    const thoughts = blocks.thoughts();
    if (thoughts.length > 0) emit({ type: 'reasoning-details', details: thoughts });
    blocks.calls(finishReason.unified !== 'tool-calls').forEach(emit);
    const [usage, others] = [this.usage.inItsShape, blocks.others()];
    return {
      type: 'generation-end',
      finishReason,
      usage: this.counted ?? { inputTokens: 0, outputTokens: 0, source: 'unmeasured' },
      servedFrom: 'provider',
      provider,
      model,
      ...(responseId !== undefined && { responseId }),
      providerMetadata: {
        [provider]: {
          ...this.metadata.whole(),
          ...(usage && { usage }),
          ...(others.length > 0 && { blocks: others }),
          ...(requestId !== undefined && { request_id: requestId }),
        },
      },
    };
  }

  /** The head of a stream, or a whole message. A proxy may send a head twice. */
  private begin(message: Json, emit: Emit): boolean {
    this.responseId ??= asText(message.id);
    this.model = asText(message.model) ?? this.model;
    const blocks = this.hasBegun ? [] : asList(message.content).map(asObject);
    this.hasBegun = true;
    this.metadata.take(message);
    this.count(message.usage, message.stop_reason);
    this.tell(emit);
    blocks.forEach((block, index) => this.startBlock(index, block ?? {}, emit));
    return blocks.length > 0;
  }

  private startBlock(index: unknown, block: Json, emit: Emit): boolean {
    this.blocks.start(index, block);
    switch (block.type) {
      case 'text':
        this.emitText(this.text.take(asText(block.text) ?? ''), emit);
        asList(block.citations).forEach((citation) => cite(citation, emit));
        break;
      case 'thinking':
        this.emitThought(asText(block.thinking), emit);
        break;
      case 'tool_use':
        if (!this.found.call) emit({ type: 'response-metadata', toolCallsOpen: true });
        this.found.call = true;
        break;
      default:
    }
    return true;
  }

  private addToBlock(index: unknown, delta: Json, emit: Emit): boolean {
    switch (delta.type) {
      case 'text_delta':
        this.emitText(this.text.take(asText(delta.text) ?? ''), emit);
        break;
      case 'citations_delta':
        cite(delta.citation, emit);
        break;
      default:
        this.emitThought(asText(delta.thinking), emit);
        this.blocks.add(index, delta);
    }
    return true;
  }

  /** An answer that goes on after it has named a reason to stop has not stopped. */
  private notYetEnded(hadContent: boolean): boolean {
    this.finishReason = undefined;
    return hadContent;
  }

  private conclude(event: Json, emit: Emit): void {
    const delta = asObject(event.delta) ?? {};
    this.metadata.take(event);
    this.metadata.take(delta);
    this.count(event.usage, delta.stop_reason);
    this.tell(emit);
  }

  /** A count is the last one only if it comes with the reason to stop, or after it. */
  private count(usage: unknown, stopReason: unknown): void {
    this.finishReason = readFinish(stopReason) ?? this.finishReason;
    this.usage.take(usage);
    this.hasLastCount ||= this.finishReason !== undefined && asObject(usage) !== undefined;
  }

  private get counted(): Usage | undefined {
    return this.usage.soFar(this.hasLastCount ? 'reported' : 'estimated');
  }

  private tell(emit: Emit): void {
    const { responseId, counted } = this;
    emit({
      type: 'response-metadata',
      ...(responseId !== undefined && { responseId }),
      ...(counted && { usage: counted }),
    });
    this.wrong.warn(`"${this.parts.provider}"`, emit);
  }

  private fail({ error, request_id: requestId }: Json): void {
    // The text is as long as it may be: nothing is lost.
    if (this.finishReason?.unified !== 'length') throw this.parts.failure(error, asText(requestId));
  }

  /** No input says that no model has looked at it. */
  private hasNothingToAdd({ unified }: FinishReason): boolean {
    const { counted, parts } = this;
    return parts.mayBeEmpty && unified === 'stop' && (counted?.source !== 'reported' || counted.inputTokens > 0);
  }

  private emitText(delta: string, emit: Emit): void {
    if (delta === '') return;
    this.found.text = true;
    emit({ type: 'text-delta', delta });
  }

  private emitThought(delta: string | undefined, emit: Emit): void {
    if (delta === undefined) return;
    this.found.thought = true;
    emit({ type: 'reasoning-delta', delta, attempt: this.parts.attempt });
  }
}

function cite(citation: unknown, emit: Emit): void {
  const annotation = asObject(citation);
  if (annotation !== undefined) emit({ type: 'annotation', annotation });
}
