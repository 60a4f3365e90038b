import { wholeCharacters } from '../core/util/whole-characters.js';
import type { Emit } from '../providers/codec.js';
import { otherPartsOf, textOf } from './chunk.js';
import { asList, asObject, asText } from './json.js';
import type { Json } from './json.js';
import { ReasoningDetails } from './reasoning-details.js';
import { bringsSomething, restOf } from './snapshot.js';
import { ThoughtsAtHead } from './thoughts-at-head.js';
import type { Apart } from './thoughts-at-head.js';
import { ToolCalls } from './tool-calls.js';

/** The content of one answer: its text, and all that stands beside it in the deltas of a stream or in a whole message. */
export class Content {
  readonly toolCalls = new ToolCalls();
  readonly details = new ReasoningDetails();
  /** The text so far. */
  text = '';
  refusal = '';
  hasReasoning = false;
  /** Content of another kind: an image, a sound. */
  private hasOther = false;
  private hasDeltas = false;
  private readonly characters = wholeCharacters();
  private readonly head = new ThoughtsAtHead();

  /** @param of the provider, and the number of the attempt for reasoning events */
  constructor(private readonly of: { readonly provider: string; readonly attempt: number }) {}

  get isEmpty(): boolean {
    return this.text === '' && !this.hasOther && this.toolCalls.isEmpty;
  }

  /** Reads a choice. Returns whether it brought content. @param isBody the answer is not streamed */
  read(choice: Json, emit: Emit, isBody: boolean): boolean {
    const [delta, message] = [asObject(choice.delta), asObject(choice.message)];
    if (delta !== undefined && (message === undefined || bringsSomething(delta))) {
      this.hasDeltas = true;
      return this.readFields(delta, emit);
    }
    if (message === undefined) return false;
    return isBody ? this.readFields(message, emit, true) : this.readMessage(message, emit);
  }

  /** Adds text. Returns whether something has come out: half a character, or what may be a tag, waits for the rest. */
  addText(text: string, emit: Emit): boolean {
    const piece = this.characters.take(text);
    return this.head.isOver || piece === '' ? this.emitText(piece, emit) : this.emitApart(this.head.take(piece), emit);
  }

  /** Emits what has waited to become a tag, and will not. */
  endHead(emit: Emit): void {
    this.emitApart(this.head.rest(), emit);
  }

  /** Emits the half of a character that has waited for its other half, at the end of a whole answer. */
  end(emit: Emit): void {
    this.emitText(this.characters.rest(), emit);
  }

  /** Reads a message within a stream: only what it adds. */
  private readMessage(message: Json, emit: Emit): boolean {
    const { message: rest, isOther } = restOf(message, this.soFar);
    if (isOther)
      emit({
        type: 'warning',
        message: `"${this.of.provider}" repeated its answer in other words: the text of the stream stands.`,
      });
    return this.readFields(rest, emit, true);
  }

  private get soFar() {
    const { text, hasDeltas, hasReasoning } = this;
    return { text, hasDeltas, hasReasoning };
  }

  private readFields(delta: Json, emit: Emit, isWhole = false): boolean {
    const refusal = asText(delta.refusal) ?? '';
    this.refusal += refusal;
    const hasThought = this.emitThought(asText(delta.reasoning) ?? asText(delta.reasoning_content), emit);
    const hasDetails = this.details.take(delta.reasoning_details, isWhole);
    const hasText = this.addText(textOf(delta.content), emit);
    const hasExtras =
      delta.annotations === undefined && delta.images === undefined ? false : this.readExtras(delta, emit);
    this.hasOther ||= delta.audio != null || (isList(delta.content) && otherPartsOf(delta.content).length > 0);
    const hasCalls = this.readToolCalls(delta, emit, isWhole);
    return hasCalls || hasExtras || hasDetails || hasThought || hasText || refusal !== '';
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
    this.hasOther ||= urls.length > 0;
    return urls.length > 0;
  }

  /** `function_call` is what tool calls were before there could be several. */
  private readToolCalls({ tool_calls, function_call }: Json, emit: Emit, isWhole: boolean): boolean {
    const fragments = tool_calls ?? (function_call == null ? undefined : [{ index: 0, function: function_call }]);
    if (fragments == null) return false;
    const wasEmpty = this.toolCalls.isEmpty;
    const hadSome = isWhole ? this.toolCalls.replaceBy(fragments) : this.toolCalls.take(fragments);
    if (wasEmpty && hadSome) emit({ type: 'response-metadata', toolCallsOpen: true });
    return hadSome;
  }

  private emitApart({ thought, text }: Apart, emit: Emit): boolean {
    const hasThought = this.emitThought(thought, emit);
    return this.emitText(text, emit) || hasThought;
  }

  private emitThought(thought: string | undefined, emit: Emit): boolean {
    if (thought === undefined || thought === '') return false;
    this.hasReasoning = true;
    emit({ type: 'reasoning-delta', delta: thought, attempt: this.of.attempt });
    return true;
  }

  private emitText(delta: string, emit: Emit): boolean {
    if (delta === '') return false;
    this.text += delta;
    emit({ type: 'text-delta', delta });
    return true;
  }
}

function isList(content: unknown): boolean {
  return typeof content === 'object' && content !== null;
}
