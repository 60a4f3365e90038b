import type { LoggedRequest } from '../../emulator/emulator.js';
import type { ChatMessage } from './writer.js';

/** The prompt of a chapter. */
export function messagesOf(chapter: number): readonly ChatMessage[] {
  return [
    { role: 'system', content: 'You write books.' },
    { role: 'user', content: `Write chapter ${chapter}.` },
  ];
}

/** The chapter that a request asks for; undefined if it asks for none. */
export function chapterOf({ body }: LoggedRequest): number | undefined {
  const { messages } = (body ?? {}) as { readonly messages?: readonly { readonly content?: unknown }[] };
  const [, chapter] = /^Write chapter (\d+)\.$/.exec(String(messages?.[1]?.content)) ?? [];
  return chapter === undefined ? undefined : Number(chapter);
}

/** The side that has sent a request. */
export function sideOf({ headers }: LoggedRequest): string | undefined {
  return headers['x-title'];
}

/** Finds the requests of the same side for the same chapter. */
export function isLike(request: LoggedRequest): (other: LoggedRequest) => boolean {
  return (other) => sideOf(other) === sideOf(request) && chapterOf(other) === chapterOf(request);
}
