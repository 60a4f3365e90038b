import { contextKey } from './context.js';

/**
 * The number of the running attempt within its generation, from 1, for interceptors of the phase `attempt`. 0 further
 * out.
 */
export const ATTEMPT_NUMBER = contextKey('attempt-number', 0);
