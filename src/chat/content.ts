import type { Annotation, Image } from '../core/events.js';
import { wholeCharacters } from '../core/util/whole-characters.js';
import type { Emit } from '../providers/codec.js';
import { contentIn, partsOf, urlOf } from './chunk.js';
import { asList, asObject, asText } from './json.js';
import type { Json } from './json.js';
import { ReasoningDetails } from './reasoning-details.js';
import { bringsSomething, restOf } from './snapshot.js';
import { ThoughtsAtHead } from './thoughts-at-head.js';
import type { Apart, ThoughtsInText } from './thoughts-at-head.js';
import { ToolCalls } from './tool-calls.js';

/** Settings of a `Content`: the provider, the number of the attempt for reasoning events, and where thoughts stand. */
export interface ContentSettings {
  readonly provider: string;
  readonly attempt: number;
  readonly thoughtsInText?: ThoughtsInText | undefined;
}

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
  /** How long the text was when the last part with thoughts came. */
  private thoughtAt = -1;
  private readonly characters = wholeCharacters();
  private readonly head: ThoughtsAtHead;
  /** Annotations and images that were emitted, which a snapshot may repeat. */
  private readonly emitted = new Set<string>();

  constructor(private readonly settings: ContentSettings) {
    this.head = new ThoughtsAtHead(settings.thoughtsInText);
  }

  get isEmpty(): boolean {
    return this.text === '' && !this.hasOther && this.toolCalls.isEmpty;
  }

  /**
   * Reads a choice. Returns whether it brought content. A choice of the older completions has its text in itself.
   * @param isBody the answer is not streamed
   * @throws GenerationError `malformed-answer`
   */
  read(choice: Json, emit: Emit, isBody: boolean): boolean {
    const [delta, message] = [contentIn(choice, 'delta'), contentIn(choice, 'message')];
    if (delta !== undefined && (message === undefined || bringsSomething(delta))) {
      this.hasDeltas = true;
      const hasContent = this.readFields(delta, emit);
      if (message === undefined || isBody) return hasContent;
      // The text is the deltas'; what else stands in a message beside the last of them may stand nowhere else.
      const { content: _text, ...others } = message;
      return this.readMessage(others, emit) || hasContent;
    }
    if (message === undefined) return typeof choice.text === 'string' && this.addText(choice.text, emit);
    return isBody ? this.readFields(message, emit, true) : this.readMessage(message, emit);
  }

  /** Adds text, of which half a character, or what may be a tag, waits for the rest. Returns whether there was any. */
  addText(text: string, emit: Emit): boolean {
    if (text === '') return false;
    const piece = this.characters.take(text);
    if (this.head.isOver || piece === '') this.emitText(piece, emit);
    else this.emitApart(this.head.take(piece), emit);
    return true;
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
        message: `"${this.settings.provider}" repeated its answer in other words: the text of the stream stands.`,
      });
    return this.readFields(rest, emit, true);
  }

  private get soFar() {
    const { text, hasDeltas, hasReasoning, settings } = this;
    return { text, hasDeltas, hasReasoning, thoughtsInText: settings.thoughtsInText ?? 'tagged' };
  }

  private readFields(delta: Json, emit: Emit, isWhole = false): boolean {
    const { content, refusal, reasoning, reasoning_content, annotations, images } = delta;
    const hasThought = this.emitThought(asText(reasoning) ?? asText(reasoning_content), emit);
    const hasDetails = this.details.take(delta.reasoning_details, isWhole);
    if (hasThought || hasDetails) this.head.standElsewhere();
    const hasRefusal = this.addRefusal(refusal);
    const hasContent =
      typeof content === 'string'
        ? this.addText(content, emit)
        : content != null && this.readParts(content, emit, isWhole);
    const hasExtras = annotations === undefined && images === undefined ? false : this.readExtras(delta, emit, isWhole);
    const hasSound = delta.audio != null;
    this.hasOther ||= hasSound;
    const hasCalls = this.readToolCalls(delta, emit, isWhole);
    return hasCalls || hasExtras || hasDetails || hasThought || hasContent || hasRefusal || hasSound;
  }

  private readParts(content: unknown, emit: Emit, isWhole: boolean): boolean {
    const { text, thought, thoughts, refusal, others } = partsOf(content);
    if (thoughts.length > 0) {
      this.details.takeParts(thoughts, !isWhole && this.thoughtAt === this.text.length);
      this.thoughtAt = this.text.length;
      this.head.standElsewhere();
    }
    const hasThought = this.emitThought(thought, emit);
    const hasRefusal = this.addRefusal(refusal);
    this.hasOther ||= others.length > 0;
    return this.addText(text, emit) || hasThought || hasRefusal || thoughts.length + others.length > 0;
  }

  private addRefusal(words: unknown): boolean {
    const refusal = asText(words) ?? '';
    this.refusal += refusal;
    return refusal !== '';
  }

  private readExtras({ annotations, images }: Json, emit: Emit, isWhole: boolean): boolean {
    const emitNew = (event: Annotation | Image, key: string): void => {
      if (!isWhole || !this.emitted.has(key)) emit(event);
      this.emitted.add(key);
    };
    for (const annotation of asList(annotations).map(asObject))
      if (annotation !== undefined) emitNew({ type: 'annotation', annotation }, JSON.stringify(annotation));
    const found = asList(images);
    for (const url of found.map(urlOf)) if (url !== undefined) emitNew({ type: 'image', url }, url);
    this.hasOther ||= found.length > 0;
    return found.length > 0;
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

  private emitApart({ thought, text }: Apart, emit: Emit): void {
    this.emitThought(thought, emit);
    this.emitText(text, emit);
  }

  private emitThought(thought: string | undefined, emit: Emit): boolean {
    if (thought === undefined || thought === '') return false;
    this.hasReasoning = true;
    emit({ type: 'reasoning-delta', delta: thought, attempt: this.settings.attempt });
    return true;
  }

  private emitText(delta: string, emit: Emit): void {
    if (delta === '') return;
    this.text += delta;
    emit({ type: 'text-delta', delta });
  }
}
