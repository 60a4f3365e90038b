import { describe, expect, it } from '@jest/globals';
import { PromptBounds } from '../../../src/chain/admit/prompt-bound.js';
import { aRequest } from '../../../src/testing/request-builder.js';

describe('the bound of a prompt', () => {
  it('is infinite for a part that only the vendor knows', () => {
    const raw = { type: 'video_url', video_url: { url: 'https://a.example/b.mp4' } };
    const messages = [{ role: 'user', content: [{ type: 'other', raw }] }] as const;
    expect(new PromptBounds().boundOf(aRequest({ messages }))).toEqual({ tokens: Infinity, images: 0, hasMedia: true });
  });
});
