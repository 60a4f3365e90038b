import type { GenerationEvent } from 'scriptorium';
import type { Defect } from '../check/defect.js';
import type { Outline } from '../outline/outline.js';
import type { BookRole } from '../spec/book-spec.js';
import type { Section } from '../spec/sections.js';

/** An event of a book that is being written, as `writeBook` emits it. The stream completes after `book-end`. */
export type BookEvent =
  BookStart | BookOutline | RequestStart | RequestEvent | SectionWaiting | SectionDone | BookWaiting | BookEnd;

/** The book was begun, or is gone on with. */
export interface BookStart {
  readonly type: 'book-start';
  /** The folder of the book. */
  readonly folder: string;
  /** In the order of reading. */
  readonly sections: readonly Section[];
}

/** The outline is there. */
export interface BookOutline {
  readonly type: 'book-outline';
  readonly outline: Outline;
}

/** A model is asked, or what it was asked before is gone on with. */
export interface RequestStart {
  readonly type: 'request-start';
  /** The id of a section, or `outline`. */
  readonly section: string;
  readonly role: BookRole;
  /** The text that is there from before. */
  readonly text: string;
}

/** An event of a request's generation. */
export interface RequestEvent {
  readonly type: 'request-event';
  readonly section: string;
  readonly event: GenerationEvent;
}

/** A request is put off until a time, or until the book is resumed. */
export interface SectionWaiting {
  readonly type: 'section-waiting';
  readonly section: string;
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly untilMs?: number;
}

/** A section is written and its file is there. */
export interface SectionDone {
  readonly type: 'section-done';
  readonly section: string;
  readonly words: number;
  /** Defects that were mended, without or with a model. */
  readonly mended: readonly Defect[];
  /** Defects that two repairs could not mend. The section is accepted with them. */
  readonly warnings: readonly Defect[];
  /** Its file was there already and stays as it is. */
  readonly isKept: boolean;
}

/** Nothing goes on before a time; with `wait`, the book waits for it. */
export interface BookWaiting {
  readonly type: 'book-waiting';
  readonly untilMs?: number;
  readonly reason?: string;
}

/** A section of the finished book. */
export interface SectionReport {
  readonly section: string;
  readonly words: number;
  readonly targetWords: number;
  readonly mended: readonly Defect[];
  readonly warnings: readonly Defect[];
}

/** The work has ended here. */
export interface BookEnd {
  readonly type: 'book-end';
  /** `done`: every section is written. `parked`: it can go on later. `stopped`: the signal was aborted. */
  readonly state: 'done' | 'parked' | 'stopped';
  /** When a parked book may go on, in epoch milliseconds, if that is known. */
  readonly untilMs?: number;
  /** Why it is parked. */
  readonly reason?: string;
  readonly words: number;
  /** Requests that were sent for the book, over all its sessions; continuations and retries are not counted. */
  readonly requests: number;
  /** US dollars over all its sessions: known and estimated together. */
  readonly costUsd: number;
  readonly sections: readonly SectionReport[];
}
