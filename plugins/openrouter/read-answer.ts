import { GenerationError, wholeCharacters } from 'scriptorium/plugin';
import type { AnswerReader, Emit, FinishReason, GenerationEnd, Usage } from 'scriptorium/plugin';
import { errorFromEnvelope } from './classify.js';
import type { ErrorContext } from './classify.js';
import { asList, asObject, asText } from './json.js';
import type { Json } from './json.js';
import { ToolCalls } from './tool-calls.js';
import { readUsage } from './usage.js';

export interface ReaderParts extends ErrorContext {
  readonly provider: string;
  readonly model: string;
  /** The number of the attempt, for its reasoning events. */
  readonly attempt: number;
  /** It goes on from a text, to which there may be nothing to add. */
  readonly mayBeEmpty: boolean;
}

/**
 * Reads one answer of OpenRouter: chunks of a stream, or one whole completion, which is the same with `message` for
 * `delta`. An error may sit at the top, in a choice, or in the finish reason, and the status may still be 200. Usage
 * is taken from whichever chunk carries it, before an error in the same chunk is acted on.
 */
export class ChatReader implements AnswerReader {
  private readonly toolCalls = new ToolCalls();
  private readonly text = wholeCharacters();
  private responseId: string | undefined;
  private isIdTold = false;
  private model: string;
  private usage: Usage | undefined;
  private finishReason: FinishReason | undefined;
  private choiceIndex: unknown;
  private hasText = false;
  private hasReasoning = false;

  constructor(private readonly parts: ReaderParts) {
    this.responseId = asText(parts.headers.get('x-generation-id'));
    this.model = parts.model;
  }

  read(json: unknown, emit: Emit): boolean {
    const chunk = asObject(json);
    if (chunk === undefined) throw malformed(json);
    this.readMetadata(chunk, emit);
    const choice = this.choiceIn(chunk);
    const hadContent = this.readContent(choice, emit);
    const error = chunk.error ?? choice.error ?? (choice.finish_reason === 'error' ? {} : null);
    // A vendor may call the token cap an error after it has named it as the finish reason.
    if (error !== null && this.finishReason?.unified !== 'length') throw errorFromEnvelope(error, { ...this.parts, type: asText(chunk.error_type) });
    // A vendor that goes on after it has named a reason has not finished.
    this.finishReason = readFinish(choice) ?? (hadContent ? undefined : this.finishReason);
    return hadContent;
  }

  isWhole(): boolean {
    return this.finishReason !== undefined;
  }

  end(emit: Emit): GenerationEnd {
    const { finishReason, responseId, model, toolCalls } = this;
    if (finishReason === undefined) throw cutShort(this.hasText || this.hasReasoning || !toolCalls.isEmpty);
    this.emitText(this.text.rest(), emit);
    if (!this.hasText && toolCalls.isEmpty && !this.hasNothingToAdd(finishReason)) refuseEmpty(finishReason);
    toolCalls.whole(finishReason.unified === 'length').forEach(emit);
    const usage = this.usage ?? { inputTokens: 0, outputTokens: 0, source: 'unmeasured' };
    return {
      type: 'generation-end', finishReason, usage, servedFrom: 'provider', provider: this.parts.provider, model,
      ...(responseId !== undefined && { responseId }),
    };
  }

  /** A usage of zero says that no model has looked at it. */
  private hasNothingToAdd({ unified }: FinishReason): boolean {
    return this.parts.mayBeEmpty && unified === 'stop' && (this.usage === undefined || this.usage.inputTokens > 0);
  }

  private readMetadata(chunk: Json, emit: Emit): void {
    this.model = asText(chunk.model) ?? this.model;
    const usage = readUsage(chunk.usage);
    if (this.isIdTold && usage === undefined) return;
    this.responseId ??= asText(chunk.id);
    this.usage = usage ?? this.usage;
    this.isIdTold = this.responseId !== undefined;
    emit({ type: 'response-metadata', ...(this.responseId !== undefined && { responseId: this.responseId }), ...(usage && { usage }) });
  }

  /** The answer is one choice: the one whose index comes first. What a proxy weaves in of others is not its text. */
  private choiceIn(chunk: Json): Json {
    const choices = choicesOf(chunk);
    if (choices.length > 0) this.choiceIndex ??= indexOf(choices[0]);
    return choices.find((choice) => indexOf(choice) === this.choiceIndex) ?? {};
  }

  private readContent(choice: Json, emit: Emit): boolean {
    const delta = asObject(choice.delta) ?? asObject(choice.message);
    if (delta === undefined) return false;
    const thought = asText(delta.reasoning) ?? asText(delta.reasoning_content);
    if (thought !== undefined) {
      this.hasReasoning = true;
      emit({ type: 'reasoning-delta', delta: thought, attempt: this.parts.attempt });
    }
    const piece = this.text.take(textOf(delta.content));
    this.emitText(piece, emit);
    const isFirstCall = this.toolCalls.isEmpty && asList(delta.tool_calls).length > 0;
    if (isFirstCall) emit({ type: 'response-metadata', toolCallsOpen: true });
    return this.toolCalls.take(delta.tool_calls) || thought !== undefined || piece !== '';
  }

  private emitText(delta: string, emit: Emit): void {
    if (delta === '') return;
    this.hasText = true;
    emit({ type: 'text-delta', delta });
  }
}

/** There need be none: pings, debug and usage chunks have no choices. What is there in another shape may be lost text. */
function choicesOf({ choices }: Json): readonly Json[] {
  const isOfKnownShape = choices == null || (Array.isArray(choices) && choices.every((choice) => choice == null || asObject(choice) !== undefined));
  if (!isOfKnownShape) throw malformed(choices);
  return asList(choices).map((choice) => asObject(choice) ?? {});
}

/** A choice that names none is the first. */
function indexOf(choice: Json | undefined): unknown {
  return choice?.index ?? 0;
}

/** Content is a string, or, from some models, a list of parts. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (content != null && !Array.isArray(content)) throw malformed(content);
  return asList(content).map((part) => asText(asObject(part)?.text) ?? '').join('');
}

const UNIFIED: Readonly<Record<string, FinishReason['unified']>> = {
  stop: 'stop', length: 'length', content_filter: 'content-filter', tool_calls: 'tool-calls', function_call: 'tool-calls',
};

function readFinish(choice: Json): FinishReason | undefined {
  const reason = asText(choice.finish_reason);
  if (reason === undefined || reason === 'error') return undefined;
  return { unified: Object.hasOwn(UNIFIED, reason) ? (UNIFIED[reason] ?? 'other') : 'other', raw: asText(choice.native_finish_reason) ?? reason };
}

function refuseEmpty({ unified, raw }: FinishReason): void {
  if (unified === 'length') throw new GenerationError('empty-answer', 'The token cap was reached before the first word; raise maxTokens, or let the model think less.');
  if (unified === 'content-filter') throw new GenerationError('content-filter', 'The vendor\'s content filter withheld the answer; change the prompt or the model.');
  throw new GenerationError('empty-answer', `The model ended its answer (${raw ?? unified}) without a word.`, { retryable: true });
}

function cutShort(hadContent: boolean): GenerationError {
  return hadContent
    ? new GenerationError('truncated', 'The stream ended without a finish reason, so the answer is not whole.', { retryable: true })
    : new GenerationError('empty-answer', 'The stream ended without a word and without a finish reason.', { retryable: true });
}

function malformed(json: unknown): GenerationError {
  return new GenerationError('malformed-answer', `The server sent JSON of an unknown shape (${json === null ? 'null' : typeof json}).`, { retryable: true, retryLimit: 1 });
}
