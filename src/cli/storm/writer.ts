import type { Side } from './side.js';

export interface ChatMessage {
  readonly role: 'system' | 'user';
  readonly content: string;
}

/** One chapter to write. */
export interface ChapterJob {
  readonly messages: readonly ChatMessage[];
  readonly signal: AbortSignal;
  /** Receives the words so far, and a short note on whatever goes wrong. */
  readonly report: (progress: { readonly words?: number; readonly note?: string }) => void;
}

/** Writes a chapter. Resolves with the text that is saved; rejects when the client gives up. */
export type ChapterWriter = (job: ChapterJob) => Promise<string>;

/** A server to write with. The title names the side in its requests. */
export interface Connection {
  readonly url: string;
  readonly model: string;
  readonly title: Side;
}

/**
 * The patience of both clients. BookGen waits one second before the second try and 300 s for a silent server; a demo of
 * 20 s has a tenth of the first and less of the second.
 */
export const PATIENCE = { baseMs: 100, silenceMs: 1_500 } as const;
