import type { Format } from 'scriptorium/plugin';
import { asObject, parseObject } from 'scriptorium/provider';
import type { Policy } from './access/policy.js';

/** A policy as an object; in the environment as JSON. */
export const onePolicy: Format<Policy> = {
  description: 'an object such as { "maxWaitMs": 60000 }',
  isObject: true,
  read: (value) => (typeof value === 'string' ? parseObject(value) : asObject(value)),
};
