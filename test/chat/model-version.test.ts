import { describe, expect, it } from '@jest/globals';
import { modelVersion } from 'scriptorium/provider';

describe('the version in the name of a model', () => {
  it.each([
    ['claude-opus-4-1-20250805', 401],
    ['claude-sonnet-4-20250514', 400],
    ['anthropic/claude-sonnet-4.5', 405],
    ['us.anthropic.claude-haiku-4-5-20251001-v1:0', 405],
    ['claude-sonnet-4-5@20250929', 405],
    ['claude-3-7-sonnet-latest', 307],
    ['anthropic.claude-v2:1', 100],
    ['aws/claude-sonnet-4-6', 406],
    ['Claude-Opus-5', 500],
    ['claude-latest', Infinity],
    ['gpt-5.1', undefined],
    ['claude', undefined],
  ])('of %s is %s', (model, version) => {
    expect(modelVersion(model, 'claude')).toBe(version);
  });
});
