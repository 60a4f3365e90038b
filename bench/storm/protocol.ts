import type { Emulator } from '../../src/testing.js';

export interface ServerOptions {
  readonly seed: number;
  /** The share of requests that meet a fault. */
  readonly rate: number;
  readonly words: number;
}

/** The part of a request's body that the storm looks at. */
export interface AskedBody {
  readonly messages?: readonly { readonly content?: unknown }[];
}

/** A request in the emulator's log. */
export interface RequestEntry {
  /** How many messages it had. */
  readonly messages: number;
  readonly promptTokens: number | undefined;
  readonly completionTokens: number | undefined;
  readonly isFaulted: boolean;
}

/** The questions that the server thread answers. */
export interface Answers {
  readonly text: (request: Parameters<Emulator['textFor']>[0]) => string;
  /** The texts of all answers to a user's prompt. */
  readonly answersTo: (prompt: string) => readonly string[];
  readonly log: () => readonly RequestEntry[];
}

/** A question on its way to the server thread. */
export interface Envelope {
  readonly id: number;
  readonly name: keyof Answers;
  readonly argument?: unknown;
}
