import { map } from 'rxjs';
import { definePlugin, oneOf } from 'scriptorium/plugin';
import type { InterceptorDefinition, Plugin } from 'scriptorium/plugin';

export type Letters = 'upper' | 'lower';

/** Writes every text in capitals, or in small letters. */
export function letters(kind: Letters): InterceptorDefinition {
  const changed = (text: string): string => (kind === 'upper' ? text.toUpperCase() : text.toLowerCase());
  return {
    name: 'my-plugin',
    phase: 'prepare',
    // Every other event is handed on as it is, also those that this plugin does not know.
    intercept: (request, next) =>
      next(request).pipe(
        map((event) => (event.type === 'text-delta' ? { ...event, delta: changed(event.delta) } : event)),
      ),
  };
}

export interface Options {
  readonly letters?: Letters;
}

export const plugin = (options: Options = {}): Plugin =>
  definePlugin({
    name: 'my-plugin',
    apiVersion: 1,
    config: { letters: { doc: 'Which letters the text has', format: oneOf('upper', 'lower'), default: 'upper' } },
    options,
    setup: (host) => host.addInterceptor(letters(host.config.letters)),
  });

export default plugin;
