import type { GenerationError } from '../core/errors/generation-error.js';
import type { FinishReason, GenerationEnd } from '../core/events.js';
import { WrongNumbers } from '../core/outside/wrong-numbers.js';
import type { Usage } from '../core/usage.js';
import { wholeCharacters } from '../core/util/whole-characters.js';
import type { AnswerReader, Emit } from '../providers/codec.js';
import { cutShort, malformed, refused, refuseEmpty } from '../providers/no-answer.js';
import { choicesOf, indexOf, readFinish, textOf } from './chunk.js';
import { asList, asObject, asText } from './json.js';
import type { Json } from './json.js';
import { LikeTheLast } from './like-the-last.js';
import { Metadata } from './metadata.js';
import { otherModel } from './other-model.js';
import { ReasoningDetails } from './reasoning-details.js';
import { ToolCalls } from './tool-calls.js';
import { readUsage } from './usage.js';

/** Settings of a `ChatReader`: the request's provider and model, and how the vendor reports errors. */
export interface ChatReaderParts {
  readonly provider: string;
  readonly model: string;
  /** The number of the attempt, for reasoning events. */
  readonly attempt: number;
  /** The request continues a text, so an empty answer may be valid. */
  readonly mayBeEmpty: boolean;
  /** The vendor's id of the answer, if a header carries it. */
  readonly responseId?: string | undefined;
  /** Reads the amount charged, in US dollars, from the vendor's `usage`, if it is not `cost`. It is checked afterwards. */
  readonly costIn?: (usage: Json) => unknown;
  /** The vendor may let another model answer, and its answers name the model. */
  readonly namesModel?: boolean;
  /** The terminator alone completes an answer. Only for servers that are known to send no finish reason. */
  readonly endsByTerminator?: boolean;
  /**
   * Converts the vendor's error object to an error.
   * @param type the error's type, if it stands beside the object
   */
  readonly failure: (error: unknown, type?: string) => GenerationError;
}

/**
 * Reads one answer of a chat-completions API: the chunks of a stream, or one whole completion, which has `message` in
 * place of `delta`. An error may sit at the top level, in a choice or in the finish reason, even with status 200. Usage
 * is read from any chunk that carries it, before an error in the same chunk is thrown.
 * @see docs/write-a-provider.md
 * @example
 * ```ts
 * reader: ({ model, continuation }, { attempt }) =>
 *   new ChatReader({
 *     provider: 'my-vendor',
 *     model,
 *     attempt,
 *     mayBeEmpty: continuation !== undefined,
 *     failure: (error) => new ApiError('server-error', asText(asObject(error)?.message) ?? 'no reason given'),
 *   }),
 * ```
 */
export class ChatReader implements AnswerReader {
  private readonly toolCalls = new ToolCalls();
  private readonly details = new ReasoningDetails();
  private readonly metadata = new Metadata();
  private readonly wrong = new WrongNumbers();
  private readonly text = wholeCharacters();
  private readonly like = new LikeTheLast();
  private responseId: string | undefined;
  private isIdReported = false;
  private model: string;
  private usage: Usage | undefined;
  private finishReason: FinishReason | undefined;
  private choiceIndex: unknown;
  private refusal = '';
  private hasText = false;
  private hasImages = false;
  private hasReasoning = false;

  constructor(private readonly parts: ChatReaderParts) {
    this.responseId = parts.responseId;
    this.model = parts.model;
  }

  read(json: unknown, emit: Emit, data?: string): boolean {
    const chunk = asObject(json);
    if (chunk === undefined) throw malformed(json);
    this.readHead(chunk, emit);
    const choice = this.choiceIn(chunk);
    const hadContent = this.readContent(choice, emit);
    this.metadata.take(chunk, choice);
    const error = chunk.error ?? choice.error ?? (choice.finish_reason === 'error' ? {} : null);
    // A vendor may report the token cap as an error after it has given it as the finish reason.
    if (error !== null && this.finishReason?.unified !== 'length')
      throw this.parts.failure(error, asText(chunk.error_type));
    // Content after a finish reason means that the answer has not finished.
    this.finishReason = readFinish(choice) ?? (hadContent ? undefined : this.finishReason);
    if (data !== undefined && this.isIdReported) this.like.learn(data, chunk, choice);
    return hadContent;
  }

  readUnparsed(data: string, emit: Emit): boolean | undefined {
    const content = this.like.contentOf(data);
    if (content === undefined) return undefined;
    const piece = this.text.take(content);
    this.emitText(piece, emit);
    if (piece !== '') this.finishReason = undefined;
    return piece !== '';
  }

  terminated(): void {
    if (this.parts.endsByTerminator === true)
      this.finishReason ??= { unified: this.toolCalls.isEmpty ? 'stop' : 'tool-calls', raw: null };
  }

  isWhole(): boolean {
    return this.finishReason !== undefined;
  }

  end(emit: Emit): GenerationEnd {
    const {
      finishReason,
      responseId,
      model,
      toolCalls,
      parts: { provider },
    } = this;
    if (finishReason === undefined) throw cutShort(this.hasText || this.hasReasoning || !toolCalls.isEmpty);
    this.emitText(this.text.rest(), emit);
    const isEmpty = !this.hasText && !this.hasImages && toolCalls.isEmpty;
    if (isEmpty && this.refusal !== '') throw refused(this.refusal);
    if (isEmpty && !this.hasNothingToAdd(finishReason)) refuseEmpty(finishReason);
    const details = this.details.whole();
    if (details !== undefined) emit({ type: 'reasoning-details', details });
    toolCalls.whole(finishReason.unified === 'length').forEach(emit);
    const usage = this.usage ?? { inputTokens: 0, outputTokens: 0, source: 'unmeasured' };
    return {
      type: 'generation-end',
      finishReason,
      usage,
      servedFrom: 'provider',
      provider,
      model,
      ...(responseId !== undefined && { responseId }),
      providerMetadata: {
        [provider]: { ...this.metadata.whole(), ...(this.refusal !== '' && { refusal: this.refusal }) },
      },
    };
  }

  /** Usage of zero means that no model has read the prompt. */
  private hasNothingToAdd({ unified }: FinishReason): boolean {
    const isRead = this.usage?.source !== 'reported' || this.usage.inputTokens > 0;
    return this.parts.mayBeEmpty && unified === 'stop' && isRead;
  }

  private readHead(chunk: Json, emit: Emit): void {
    const named = asText(chunk.model);
    const isNewlyNamed = named !== undefined && named !== this.model && this.parts.namesModel === true;
    this.model = named ?? this.model;
    const usage = readUsage(chunk.usage, { reject: this.wrong.reject, costIn: this.parts.costIn });
    if (chunk.usage !== undefined) this.wrong.warn(`"${this.parts.provider}"`, emit);
    if (this.isIdReported && usage === undefined && !isNewlyNamed) return;
    this.responseId ??= asText(chunk.id);
    this.usage = usage ?? this.usage;
    this.isIdReported = this.responseId !== undefined;
    const answeredBy = isNewlyNamed ? otherModel(this.parts.model, named) : undefined;
    emit({
      type: 'response-metadata',
      ...(answeredBy !== undefined && { answeredBy }),
      ...(this.responseId !== undefined && { responseId: this.responseId }),
      ...(usage && { usage }),
    });
  }

  /**
   * Returns the choice of the index that came first. A proxy may interleave others; they are not part of the answer.
   */
  private choiceIn(chunk: Json): Json {
    const choices = choicesOf(chunk);
    if (choices.length > 0) this.choiceIndex ??= indexOf(choices[0]);
    return choices.find((choice) => indexOf(choice) === this.choiceIndex) ?? {};
  }

  private readContent(choice: Json, emit: Emit): boolean {
    const streamed = asObject(choice.delta);
    const delta = streamed ?? asObject(choice.message);
    if (delta === undefined) return false;
    const refusal = asText(delta.refusal) ?? '';
    this.refusal += refusal;
    const thought = asText(delta.reasoning) ?? asText(delta.reasoning_content);
    if (thought !== undefined) {
      this.hasReasoning = true;
      emit({ type: 'reasoning-delta', delta: thought, attempt: this.parts.attempt });
    }
    this.details.take(delta.reasoning_details, streamed === undefined);
    const piece = this.text.take(textOf(delta.content));
    this.emitText(piece, emit);
    const hasExtras =
      delta.annotations === undefined && delta.images === undefined ? false : this.readExtras(delta, emit);
    return (
      this.readToolCalls(delta.tool_calls, emit) || hasExtras || thought !== undefined || piece !== '' || refusal !== ''
    );
  }

  private readExtras({ annotations, images }: Json, emit: Emit): boolean {
    const found = asList(annotations)
      .map(asObject)
      .filter((annotation) => annotation !== undefined);
    for (const annotation of found) emit({ type: 'annotation', annotation });
    const urls = asList(images)
      .map((image) => asText(asObject(asObject(image)?.image_url)?.url))
      .filter((url) => url !== undefined);
    for (const url of urls) emit({ type: 'image', url });
    this.hasImages ||= urls.length > 0;
    return urls.length > 0;
  }

  private readToolCalls(fragments: unknown, emit: Emit): boolean {
    if (fragments === undefined) return false;
    if (this.toolCalls.isEmpty && asList(fragments).length > 0)
      emit({ type: 'response-metadata', toolCallsOpen: true });
    return this.toolCalls.take(fragments);
  }

  private emitText(delta: string, emit: Emit): void {
    if (delta === '') return;
    this.hasText = true;
    emit({ type: 'text-delta', delta });
  }
}
