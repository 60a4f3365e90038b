import { lastValueFrom } from 'rxjs';
import { collect, GenerationError } from '../../src/index.js';
import type { GenerationInput, GenerationResult, Message, Pipeline, Segment } from '../../src/index.js';
import { tokensOf } from '../../src/emulator/tokens.js';
import type { StormServer } from './server-thread.js';
import type { StormSettings } from './settings.js';

/** How the chapters came out. */
export interface Counts {
  exact: number;
  /** The beginning of the text, from a model that cannot continue at its token cap; the result says so. */
  cut: number;
  wrong: number;
  /** By error code. */
  readonly failed: Record<string, number>;
  segments: number;
  /** Chapters with a segment by another model than the first. */
  foreign: number;
  /** Partials that are not the beginning of their text. */
  lostPartials: number;
  /** Tokens of all texts and partials. */
  usefulTokens: number;
}

/** Writes chapters and compares each with the text that it should be. */
export class Chapters {
  readonly counts: Counts = {
    exact: 0,
    cut: 0,
    wrong: 0,
    failed: {},
    segments: 0,
    foreign: 0,
    lostPartials: 0,
    usefulTokens: 0,
  };
  private next = 0;

  constructor(
    private readonly settings: StormSettings,
    private readonly pipeline: Pipeline,
    private readonly server: StormServer,
  ) {}

  /** Writes all chapters, so many at once. */
  async write(): Promise<void> {
    const { atOnce, chapters } = this.settings;
    const writer = async () => {
      while (this.next < chapters) await this.writeOne(this.next++);
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, chapters) }, writer));
  }

  private async writeOne(chapter: number): Promise<void> {
    const prompt = `Write chapter ${chapter} of the life of Ada Lovelace.`;
    const messages: Message[] = [
      { role: 'system', content: 'You write biographies.' },
      { role: 'user', content: prompt },
    ];
    try {
      const result = await this.generate({ messages, labels: { chapter: String(chapter % 20) } });
      const expected = await this.expectedText(messages, result.segments);
      const answers = this.settings.kind === 'diverges-after-15000' ? await this.server.ask('answersTo', prompt) : [];
      this.count(chapter, result, { expected, answers });
    } catch (error) {
      if (!GenerationError.is(error)) throw error;
      await this.countFailure(chapter, error, messages);
    }
  }

  private generate(input: GenerationInput): Promise<GenerationResult> {
    const { pipeline, settings } = this;
    return settings.by === 'stream' ? lastValueFrom(pipeline.stream(input).pipe(collect())) : pipeline.generate(input);
  }

  /** The text that the segments should have come to: each model's own words, spliced where the last one ended. */
  private async expectedText(messages: readonly Message[], segments: readonly Segment[]): Promise<string> {
    let text = '';
    for (const [index, { model, text: piece }] of segments.entries()) {
      const given = text.trimEnd();
      const asked = given === '' ? messages : [...messages, { role: 'assistant' as const, content: given }];
      const rest = (await this.server.ask('text', { model, messages: asked })).slice(given.length);
      const again = commonLength(rest, text.slice(given.length));
      text += rest.slice(again, index === segments.length - 1 ? undefined : again + piece.length);
    }
    return text;
  }

  private count(chapter: number, result: GenerationResult, known: Known): void {
    const { counts } = this;
    const kind = kindOf(result, known);
    counts[kind] += 1;
    counts.segments += result.segments.length;
    if (result.segments.some(({ model }) => model !== this.settings.model)) counts.foreign += 1;
    counts.usefulTokens += tokensOf(result.text).length;
    if (kind !== 'wrong') return;
    const lengths = `${result.text.length} of ${known.expected.length} characters`;
    console.log(
      `WRONG chapter ${chapter}: ${lengths}, ${result.finishReason.unified}; …${JSON.stringify(result.text.slice(-60))}`,
    );
  }

  private async countFailure(chapter: number, error: GenerationError, messages: readonly Message[]): Promise<void> {
    const { counts, settings } = this;
    const partial = error.partial?.text ?? '';
    counts.failed[error.code] = (counts.failed[error.code] ?? 0) + 1;
    console.log(
      `failed chapter ${chapter}: ${error.code}: ${error.message} (${error.attempts.length} attempts, ${partial.length} characters)`,
    );
    const whole = await this.server.ask('text', { model: settings.model, messages });
    if (settings.route === '' && !whole.startsWith(partial)) counts.lostPartials += 1;
    counts.usefulTokens += tokensOf(partial).length;
  }
}

interface Known {
  readonly expected: string;
  /** Answers of a model that begins again and diverges where nothing had been delivered: its text is then one of them as a whole. */
  readonly answers: readonly string[];
}

function kindOf(
  { text, finishReason: { unified } }: GenerationResult,
  { expected, answers }: Known,
): 'exact' | 'cut' | 'wrong' {
  if ((text === expected || answers.includes(text)) && unified === 'stop') return 'exact';
  return unified === 'length' && expected.startsWith(text) ? 'cut' : 'wrong';
}

/** How many characters two texts have in common at their beginning. */
function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < other.length && one[length] === other[length]) length += 1;
  return length;
}
