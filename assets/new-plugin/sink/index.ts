import { definePlugin, text } from 'scriptorium/plugin';
import type { Plugin, StatSink } from 'scriptorium/plugin';

/** Counts whole generations and their tokens, and tells the sums once, when it is closed. */
export function tokenCount(tell: (line: string) => void): StatSink {
  let [generations, tokens] = [0, 0];
  return {
    name: 'my-plugin',
    // Everybody waits for `record`: count or queue here, and send in `flush` and `close`.
    record: (stat) => {
      if (stat.type !== 'generation-end') return;
      generations += 1;
      tokens += stat.usage.inputTokens + stat.usage.outputTokens;
    },
    close: () => {
      tell(`${generations} generation(s), ${tokens} tokens`);
      return Promise.resolve();
    },
  };
}

export interface Options {
  readonly prefix?: string;
}

export const plugin = (options: Options = {}): Plugin =>
  definePlugin({
    name: 'my-plugin',
    apiVersion: 1,
    config: { prefix: { doc: 'What the line begins with', format: text, default: 'my-plugin' } },
    options,
    setup: (host) => {
      const { prefix } = host.config;
      host.addStatSink(tokenCount((line) => void process.stderr.write(`${prefix}: ${line}\n`)));
    },
  });

export default plugin;
