import { createParser } from 'eventsource-parser';

/** The part of a chunk, or of a whole answer, that holds the text. */
interface Answer {
  readonly choices: readonly {
    readonly delta?: { readonly content?: string };
    readonly message?: { readonly content?: string };
  }[];
}

/** The text of a stream, and how many pieces of it were not empty. */
export interface StreamedText {
  readonly text: string;
  readonly deltas: number;
}

/** Reads a stream with the least there can be: eventsource-parser and JSON.parse. */
export async function readStream(bytes: AsyncIterable<Uint8Array | string> | null): Promise<StreamedText> {
  let [text, deltas] = ['', 0];
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data === '[DONE]') return;
      const delta = (JSON.parse(data) as Answer).choices[0]?.delta?.content ?? '';
      if (delta === '') return;
      text += delta;
      deltas += 1;
    },
  });
  const decoder = new TextDecoder();
  for await (const piece of bytes ?? [])
    parser.feed(typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true }));
  return { text, deltas };
}

/** The text of a whole answer. */
export function textOf(json: string): string {
  return (JSON.parse(json) as Answer).choices[0]?.message?.content ?? '';
}
