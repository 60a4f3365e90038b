import { CutSpace } from './cut-space.js';
import { Occurrences } from './occurrences.js';
import type { SpliceDecision, SpliceEnd } from './splice.js';
import { isSpaceAt, isWordCharacterAt } from './white-space.js';

/** How the answer has reached the end of the delivered text. */
export type LandingKind =
  /** At once, or by repeating the text before it. */
  | 'direct'
  /** After a preamble. */
  | 'after-preamble'
  /** With words that it could only know by continuing. */
  | 'proven';

export interface LandingOptions {
  /** The delivered text, and the start of its anchor. */
  readonly text: string;
  readonly anchor: number;
  readonly kind: LandingKind;
}

/** How far behind a landing that may be a quotation the text may begin again, in characters. */
const WATCHED: Readonly<Record<LandingKind, number>> = { direct: 80, 'after-preamble': 200, proven: 0 };
/** Length of the beginning of the text that is recognised when an answer starts over behind a quotation. */
const OPENING = 120;
/** Punctuation that continues a sentence. A quotation closes with other marks. */
const CONTINUES = ',;:!?，、；：！？،؛؟';

/**
 * An answer that has brought the end of the delivered text. It may have quoted these words: then they come again, and the
 * text goes on there. So it is held until that cannot be.
 */
export class Landing {
  private readonly space: CutSpace;
  private held = '';
  private hasInk = false;
  private isPlain = false;
  /** Beginnings of what comes again behind a quotation: the anchor, or the text from its start. */
  private readonly patterns: readonly string[];
  private again: readonly Occurrences[] = [];
  private inkLength = 0;

  constructor(private readonly options: LandingOptions) {
    const { text, anchor } = options;
    this.space = new CutSpace(text.slice(text.trimEnd().length));
    this.patterns = [text.slice(anchor).trim(), text.trim().slice(0, OPENING)];
  }

  /** Takes the character at `at`. Returns undefined as long as it is undecided. */
  take(characters: string, at: number): SpliceDecision | undefined {
    if (!this.hasInk) {
      if (isSpaceAt(characters, at))
        return this.space.take(characters.charAt(at)) ? undefined : { type: 'untrusted', doubt: 'differs' };
      if (this.space.isContradicted) return { type: 'untrusted', doubt: 'differs' };
      this.begin(characters, at);
    }
    if (this.isFree(characters.charCodeAt(at))) return { type: 'emit', text: this.held + characters.slice(at) };
    this.held += characters.charAt(at);
    this.inkLength += 1;
    for (const occurrences of this.again)
      if (occurrences.take(characters.charCodeAt(at))) return { type: 'untrusted', doubt: 'repeats' };
    return undefined;
  }

  close(): SpliceEnd {
    const isDoubtful = this.options.kind === 'after-preamble' && !this.isPlain;
    if (isDoubtful) return { type: 'untrusted', doubt: 'unproven' };
    return this.hasInk ? { type: 'joined', text: this.held } : { type: 'whole', text: this.space.added };
  }

  private begin(characters: string, at: number): void {
    const { kind } = this.options;
    this.hasInk = true;
    this.held = this.space.added;
    const isWord = isWordCharacterAt(characters, at);
    this.isPlain =
      !this.space.hasLineBreak && (isWord || (kind === 'direct' && CONTINUES.includes(characters.charAt(at))));
  }

  /** Whether the character before which the answer stands, and all that follow, are new text. */
  private isFree(unit: number): boolean {
    const { kind } = this.options;
    if (kind === 'proven') return true;
    // Most answers differ from the anchor at once.
    if (this.inkLength === 0) {
      if (this.isPlain && this.patterns.every((pattern) => pattern.charCodeAt(0) !== unit)) return true;
      this.again = this.patterns.map((pattern) => new Occurrences(pattern));
      return false;
    }
    const matched = Math.max(...this.again.map((occurrences) => occurrences.matched));
    return this.isPlain ? matched < this.inkLength : this.inkLength - matched >= WATCHED[kind];
  }
}
