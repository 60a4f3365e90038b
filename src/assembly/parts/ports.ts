import type { InjectionToken } from '../container.js';
import { BREAKERS, CACHE_STORE, LIMIT_STORE, RETRY_BUDGETS, SLOTS, SPENDING, STATE_STORE } from '../tokens.js';
import { checkPart } from './check-part.js';
import type { PartShape } from './check-part.js';

/** A part that users can replace, and that may live elsewhere. */
export interface Port extends PartShape {
  readonly token: InjectionToken<unknown>;
  /** The token's name in `tokens`. */
  readonly tokenName: string;
}

/** The ports by their names in the configuration: `ports.<name>`. */
export const PORTS = {
  limits: {
    token: LIMIT_STORE,
    tokenName: 'LIMIT_STORE',
    methods: ['take', 'pause'],
    optional: ['seedDay'],
    observables: ['changes$'],
  },
  breakers: { token: BREAKERS, tokenName: 'BREAKERS', methods: ['acquire', 'isOpen'] },
  slots: { token: SLOTS, tokenName: 'SLOTS', methods: ['acquire'] },
  retryBudgets: { token: RETRY_BUDGETS, tokenName: 'RETRY_BUDGETS', methods: ['acquire'] },
  spending: {
    token: SPENDING,
    tokenName: 'SPENDING',
    methods: ['reserve'],
    optional: ['balances'],
    observables: ['changes$'],
  },
  cache: { token: CACHE_STORE, tokenName: 'CACHE_STORE', methods: ['get', 'set'] },
  state: { token: STATE_STORE, tokenName: 'STATE_STORE', methods: ['update'] },
} as const satisfies Readonly<Record<string, Port>>;

/** The name of a port. */
export type PortName = keyof typeof PORTS;

/**
 * Checks that a replacement has the shape of its port.
 * @param by who replaces it: `plugin "x"`, `createPipeline`
 * @throws ConfigError that names the token and the first thing that is missing or wrong
 */
export function checkPort(port: Port, part: unknown, by: string): void {
  checkPart(part, port, `The replacement of tokens.${port.tokenName} by ${by}`);
}
