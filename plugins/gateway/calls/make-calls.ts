import type { Clock, Pipeline } from 'scriptorium/plugin';
import type { Calls } from './call.js';

/** The generations of a gateway over a pipeline. */
export function makeCalls(pipeline: Pipeline, _: Clock): Calls {
  return {
    open: ({ input, client }) => {
      const leaving = new AbortController();
      const signal = AbortSignal.any([leaving.signal, client.signal]);
      return {
        events: () => pipeline.iterate({ ...input, signal }),
        delivered: () => undefined,
        abandon: () => leaving.abort(),
      };
    },
    close: () => undefined,
  };
}
