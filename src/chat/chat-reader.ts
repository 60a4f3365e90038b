import type { GenerationError } from '../core/errors/generation-error.js';
import type { FinishReason, GenerationEnd } from '../core/events.js';
import { WrongNumbers } from '../core/outside/wrong-numbers.js';
import type { Usage } from '../core/usage.js';
import type { AnswerReader, Emit } from '../providers/codec.js';
import { cutShort, malformed, refused, refuseEmpty, withoutCalls } from '../providers/no-answer.js';
import { choicesOf, indexOf } from './chunk.js';
import { Content } from './content.js';
import { failureIn } from './failure-in.js';
import { readFinish } from './finish.js';
import { asObject, asText } from './json.js';
import type { Json } from './json.js';
import { LikeTheLast } from './like-the-last.js';
import { Metadata } from './metadata.js';
import { otherModel } from './other-model.js';
import type { ThoughtsInText } from './thoughts-at-head.js';
import { keptAsItCame } from './unknown.js';
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
  /** Where the model's thoughts stand if the server leaves them in the text; by default between tags at its head. */
  readonly thoughtsInText?: ThoughtsInText;
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
  private readonly content: Content;
  private readonly metadata = new Metadata();
  private readonly wrong = new WrongNumbers();
  private readonly like = new LikeTheLast();
  private responseId: string | undefined;
  private isIdReported = false;
  private model: string;
  private usage: Usage | undefined;
  private finishReason: FinishReason | undefined;
  private choiceIndex: unknown;
  /** The answer is not streamed. */
  private isBody = false;

  constructor(private readonly parts: ChatReaderParts) {
    this.responseId = parts.responseId;
    this.model = parts.model;
    this.content = new Content(parts);
  }

  expectBody(): void {
    this.isBody = true;
  }

  read(json: unknown, emit: Emit, data?: string): boolean {
    const chunk = asObject(json);
    if (chunk === undefined) throw malformed(json);
    this.readHead(chunk, emit);
    const choices = choicesOf(chunk);
    const choice = this.choiceIn(choices);
    // Moonshot tells the usage of a stream in its last choice.
    if (choice.usage != null && chunk.usage == null) this.readHead({ usage: choice.usage }, emit);
    const hadContent = this.content.read(choice, emit, this.isBody);
    // Nearly all chunks have one choice.
    const others =
      choices.length === 1 && choices[0] === choice ? NO_OTHERS : choices.filter((each) => each !== choice);
    this.metadata.take({ chunk, choice, others });
    const error = failureIn(chunk, choice);
    // A vendor may report the token cap as an error after it has given it as the finish reason.
    if (error !== undefined && this.finishReason?.unified !== 'length')
      throw this.parts.failure(error, asText(chunk.error_type));
    // Content after a finish reason means that the answer has not finished.
    this.finishReason = readFinish(choice) ?? (hadContent ? undefined : this.finishReason);
    if (data !== undefined && this.isIdReported) this.like.learn(data, chunk, choice);
    return hadContent;
  }

  readUnparsed(data: string, emit: Emit): boolean | undefined {
    const content = this.like.contentOf(data);
    if (content === undefined) return undefined;
    const hadContent = this.content.addText(content, emit);
    if (hadContent) this.finishReason = undefined;
    return hadContent;
  }

  terminated(): void {
    if (this.parts.endsByTerminator === true)
      this.finishReason ??= { unified: this.content.toolCalls.isEmpty ? 'stop' : 'tool-calls', raw: null };
  }

  isWhole(): boolean {
    return this.finishReason !== undefined;
  }

  end(emit: Emit): GenerationEnd {
    this.content.endHead(emit);
    const { responseId, model, content } = this;
    const { provider } = this.parts;
    const { refusal } = content;
    const finishReason = this.endingOf(emit);
    if (finishReason === undefined) throw cutShort(!content.isEmpty || content.hasReasoning);
    content.end(emit);
    this.checkContent(finishReason);
    const { unknown } = this.metadata;
    if (!unknown.isEmpty) emit(keptAsItCame(provider, unknown));
    const details = content.details.whole();
    if (details !== undefined) emit({ type: 'reasoning-details', details });
    content.toolCalls.whole(finishReason.unified === 'length').forEach(emit);
    return {
      type: 'generation-end',
      finishReason,
      usage: this.countedUsage,
      servedFrom: 'provider',
      provider,
      model,
      ...(responseId !== undefined && { responseId }),
      providerMetadata: {
        [provider]: { ...this.metadata.whole(), ...(refusal !== '' && { refusal }) },
      },
    };
  }

  /** @throws GenerationError if the answer has no content, although it should have */
  private checkContent(finishReason: FinishReason): void {
    const { isEmpty, refusal, toolCalls } = this.content;
    const { unified, raw } = finishReason;
    if (isEmpty && refusal !== '') throw refused(refusal);
    if (unified === 'tool-calls' && toolCalls.isEmpty) throw withoutCalls(raw);
    if (isEmpty && !this.hasNothingToAdd(finishReason)) refuseEmpty(finishReason, String(this.metadata.unknown));
  }

  /**
   * How the answer ended. Where only tool calls came, they are why it did. A whole JSON answer is whole, whether it says so or not.
   * @see docs/decisions/0028-a-whole-body-is-a-whole-answer.md
   */
  private endingOf(emit: Emit): FinishReason | undefined {
    const {
      finishReason,
      content: { toolCalls, isEmpty },
    } = this;
    if (finishReason?.unified === 'stop' && !toolCalls.isEmpty) return { ...finishReason, unified: 'tool-calls' };
    if (finishReason !== undefined || !this.isBody || isEmpty) return finishReason;
    emit({ type: 'warning', message: `The answer of "${this.parts.provider}" does not say why it ended.` });
    return { unified: toolCalls.isEmpty ? 'other' : 'tool-calls', raw: null };
  }

  /** Counts of 0 beside a text are no counts. */
  private get countedUsage(): Usage {
    const {
      usage,
      content: { text },
    } = this;
    const isZero = usage?.source === 'reported' && usage.inputTokens + usage.outputTokens === 0;
    const isGiven = usage !== undefined && !(isZero && text !== '' && usage.costUsd === undefined);
    return isGiven ? usage : { inputTokens: 0, outputTokens: 0, source: 'unmeasured' };
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
   * Returns the choice of the index that came first. Others are not part of the answer: the vendor was asked for several, or a
   * proxy mixes them.
   */
  private choiceIn(choices: readonly Json[]): Json {
    if (choices.length > 0) this.choiceIndex ??= indexOf(choices[0]);
    return choices.find((choice) => indexOf(choice) === this.choiceIndex) ?? {};
  }
}

const NO_OTHERS: readonly Json[] = [];
