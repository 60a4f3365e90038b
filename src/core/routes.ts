import { contextKey } from './context.js';

/** Somewhere else to send a generation. What is left out stays as the request has it. */
export interface Route {
  readonly provider?: string;
  readonly model?: string;
}

/** Whether the generation could be sent elsewhere: then it need not wait here. Set by `fallback`. */
export const HAS_OTHER_ROUTE = contextKey('has-other-route', false);
