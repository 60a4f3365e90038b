import { describe, expect, it } from '@jest/globals';
import { PromptBounds } from '../../../src/chain/admit/prompt-bound.js';
import type { Message, Part } from '../../../src/core/message.js';
import type { GenerationRequest } from '../../../src/core/request.js';
import { mostTokens } from '../../../src/core/token-bound.js';
import { aRequest } from '../../../src/testing/request-builder.js';

const boundOf = (parts: Partial<GenerationRequest>) => new PromptBounds().boundOf(aRequest(parts));
const user = (content: string | readonly Part[]): Message => ({ role: 'user', content });
const ofParts = (...parts: readonly Part[]) => boundOf({ messages: [user(parts)] });
const ofOptions = (options: Readonly<Record<string, unknown>>) =>
  boundOf({ messages: [], providerOptions: { fake: options } });

/** Around a conversation, and around each message. */
const AROUND = 8;
const TEXT = 'The whale breaches at dawn.';
const tokens = mostTokens(TEXT);

describe('the bound of a prompt', () => {
  it('is that of its texts, and what a chat template puts around them', () => {
    expect({ none: boundOf({ messages: [] }), two: boundOf({ messages: [user(TEXT), user(TEXT)] }) }).toEqual({
      none: { tokens: AROUND, images: 0, hasMedia: false },
      two: { tokens: AROUND + 2 * (AROUND + tokens), images: 0, hasMedia: false },
    });
  });

  it('counts each part of a message', () => {
    const text: Part = { type: 'text', text: TEXT };
    const image: Part = { type: 'image', url: 'https://example.org/whale.png' };
    const sound: Part = { type: 'audio', data: 'A'.repeat(5_001), format: 'mp3' };
    const base = 2 * AROUND;
    expect({
      texts: ofParts(text, text),
      images: ofParts(image, text, image),
      sound: ofParts(sound),
      all: ofParts(text, image, sound),
    }).toEqual({
      texts: { tokens: base + 2 * tokens, images: 0, hasMedia: false },
      images: { tokens: base + tokens + 10_000, images: 2, hasMedia: true },
      sound: { tokens: base + 101, images: 0, hasMedia: true },
      all: { tokens: base + tokens + 5_000 + 101, images: 1, hasMedia: true },
    });
  });

  it('counts the characters of a file, and has no end for one that only the vendor reads', () => {
    const url = `data:application/pdf;base64,${'A'.repeat(1_001)}`;
    expect(ofParts({ type: 'file', url })).toEqual({
      tokens: 2 * AROUND + Math.ceil(url.length / 2),
      images: 0,
      hasMedia: true,
    });
    expect(ofParts({ type: 'file', url: 'https://example.org/data:whale.pdf' })).toEqual({
      tokens: Infinity,
      images: 0,
      hasMedia: true,
    });
  });

  it('counts the tool calls and thoughts of earlier answers', () => {
    const answer: Message = { role: 'assistant', content: TEXT };
    const toolCalls = [{ id: 'call-1', name: 'look', arguments: '{"at":"the whale"}' }];
    const reasoningDetails = [{ type: 'text', text: 'It breaches.' }];
    const bound = (message: object) => boundOf({ messages: [{ ...answer, ...message }] }).tokens - 2 * AROUND - tokens;
    expect({
      plain: bound({}),
      empty: bound({ toolCalls: [], reasoningDetails: [] }),
      calls: bound({ toolCalls }),
      thoughts: bound({ reasoningDetails }),
      both: bound({ toolCalls, reasoningDetails }),
      ofUser: bound({ role: 'user', toolCalls }),
    }).toEqual({
      plain: 0,
      empty: 0,
      calls: mostTokens(JSON.stringify(toolCalls)),
      thoughts: mostTokens(JSON.stringify(reasoningDetails)),
      both: mostTokens(JSON.stringify([...toolCalls, ...reasoningDetails])),
      ofUser: 0,
    });
  });

  it('counts tools and the schema of the answer', () => {
    const tools = [{ name: 'look', description: TEXT, parameters: { type: 'object' } }];
    const schema = { type: 'json-schema' as const, name: 'whale', schema: { type: 'object' } };
    const bound = (parts: Partial<GenerationRequest>) => boundOf({ messages: [], ...parts }).tokens - AROUND;
    expect({
      tools: bound({ tools }),
      schema: bound({ responseFormat: schema }),
      both: bound({ tools, responseFormat: schema }),
      json: bound({ responseFormat: { type: 'json' } }),
      none: bound({ tools: [] }),
    }).toEqual({
      tools: mostTokens(JSON.stringify(tools)),
      schema: mostTokens(JSON.stringify([schema])),
      both: mostTokens(JSON.stringify([...tools, schema])),
      json: 0,
      none: 0,
    });
  });

  it('counts the text that is continued, and the instruction, as two more messages', () => {
    const continuation = {
      text: 'The whale breaches ',
      anchor: 'at dawn,',
      instruction: 'Go on.',
      reason: 'interrupted' as const,
      byInstruction: true,
      isHidden: false,
    };
    const bound = (parts: object) => boundOf({ messages: [], ...parts }).tokens - AROUND;
    expect({
      given: bound({ continueFrom: TEXT }),
      nothing: bound({ continueFrom: '' }),
      broken: bound({ continuation, continueFrom: 'what was given is a part of it' }),
    }).toEqual({
      given: tokens + 2 * AROUND,
      nothing: 0,
      broken: mostTokens('The whale breaches at dawn,\nGo on.') + 2 * AROUND,
    });
  });

  it.each(['image', 'image_url', 'input_image'])('counts images in options: %s', (type) => {
    const options = {
      input: [
        { type, url: 'https://example.org/1.png' },
        { type: 'text', text: TEXT },
      ],
    };
    expect(ofOptions(options)).toEqual({
      tokens: AROUND + mostTokens(JSON.stringify(options)) + 5_000,
      images: 1,
      hasMedia: true,
    });
  });

  it.each(['file', 'input_file', 'document', 'video', 'video_url', 'container_upload'])(
    'has no end if options have a file that only the vendor reads: %s',
    (type) => {
      expect(ofOptions({ input: [{ type: 'text' }, { type }] })).toEqual({
        tokens: Infinity,
        images: 0,
        hasMedia: true,
      });
    },
  );

  it.each(['input_audio', 'audio'])('notes sound in options: %s', (type) => {
    const options = { input: [{ type: 'text' }, { type }] };
    expect(ofOptions(options)).toEqual({
      tokens: AROUND + mostTokens(JSON.stringify(options)),
      images: 0,
      hasMedia: true,
    });
  });

  it('counts Base64 in options by its length, and not as words', () => {
    const [first, second] = [`data:image/png;base64,${'Ab+/'.repeat(400)}==`, 'Ab-_'.repeat(400)];
    const options = { input: [{ url: first }, { data: second, type: 'text' }] };
    const bare = JSON.stringify({ input: [{ url: '' }, { data: '', type: 'text' }] });
    expect(ofOptions(options)).toEqual({
      tokens: AROUND + mostTokens(bare) + Math.ceil((first.length + second.length + 4) / 2),
      images: 0,
      hasMedia: false,
    });
    const short = { data: 'Ab-_'.repeat(249) };
    expect(ofOptions(short).tokens).toBe(AROUND + mostTokens(JSON.stringify(short)));
  });

  it('counts the options of the provider that is asked, and of no other', () => {
    const messages = [user(TEXT)];
    const plain = boundOf({ messages });
    const extra = { system: TEXT };
    expect({
      own: boundOf({ messages, providerOptions: { fake: extra } }).tokens,
      others: boundOf({ messages, providerOptions: { other: extra } }),
    }).toEqual({ own: plain.tokens + mostTokens(JSON.stringify(extra)), others: plain });
  });

  it('counts a conversation and options once for all requests that share them', () => {
    const bounds = new PromptBounds();
    let [reads, writes] = [0, 0];
    const message = {
      role: 'user' as const,
      get content() {
        reads += 1;
        return TEXT;
      },
    };
    const options = {
      toJSON() {
        writes += 1;
        return { system: TEXT };
      },
    };
    const request = aRequest({ messages: [message], providerOptions: { fake: options } });
    const first = bounds.boundOf(request);
    const [readsOnce, writesOnce] = [reads, writes];
    expect(bounds.boundOf({ ...request, continueFrom: TEXT }).tokens).toBe(first.tokens + tokens + 2 * AROUND);
    expect({ reads, writes }).toEqual({ reads: readsOnce, writes: writesOnce });
    expect(writes).toBe(1);
  });

  it('is infinite for a part that only the vendor knows', () => {
    const raw = { type: 'video_url', video_url: { url: 'https://a.example/b.mp4' } };
    expect(ofParts({ type: 'other', raw })).toEqual({ tokens: Infinity, images: 0, hasMedia: true });
  });
});
