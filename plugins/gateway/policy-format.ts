import type { Format } from 'scriptorium/plugin';
import { asObject, parseObject } from 'scriptorium/provider';
import type { Policy } from './access/policy.js';

/** A policy as an object; in the environment as JSON. The plugin checks its keys, with a message for each. */
export const onePolicy: Format<Policy> = {
  description: 'an object such as { "maxWaitMs": 60000 }',
  isObject: true,
  read: objectIn,
};

/** Policies by name; in the environment as JSON. */
export const policies: Format<Readonly<Record<string, Policy>>> = {
  description: 'an object of policies by name, such as { "night": { "maxWaitMs": 60000 } }',
  isObject: true,
  read: (value) => objectIn(value) as Readonly<Record<string, Policy>> | undefined,
};

function objectIn(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'string' ? parseObject(value) : asObject(value);
}
