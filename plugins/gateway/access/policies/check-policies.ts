import { ConfigError } from 'scriptorium';
import {
  between,
  flag,
  list,
  milliseconds,
  oneOf,
  record,
  routeList,
  shownJson,
  text,
  whole,
} from 'scriptorium/plugin';
import type { Format } from 'scriptorium/plugin';
import { asObject } from 'scriptorium/provider';
import type { Policy } from '../policy.js';

/** The keys of an object: their formats, or the keys below them. */
interface Shape {
  readonly [key: string]: Format<unknown> | Shape;
}

/** Zero would mean "no limit" to some readers, and "nothing" to others. */
const dollars = { ...between(1e-6, 1e9), description: 'US dollars above 0; leave it out for no limit' };

/** A list in a text is for the environment alone. */
const routes: Format<unknown> = {
  ...routeList,
  read: (value) => (typeof value === 'string' && value.startsWith('[') ? undefined : routeList.read(value)),
};

const POLICY = {
  models: list,
  aliases: record(text, 'aliases'),
  routes,
  labels: record(text, 'labels'),
  budget: { dayUsd: dollars, monthUsd: dollars, totalUsd: dollars, generationUsd: dollars },
  limits: { requestsPerMinute: whole(1), tokensPerMinute: whole(1), concurrency: whole(1) },
  continuity: {
    onLength: oneOf('stop', 'continue'),
    maxSegments: whole(0),
    targetWords: whole(0),
    targetTokens: whole(0),
  },
  maxTokens: { means: oneOf('segment', 'ceiling'), factor: between(0.01, 1_000) },
  deadlineMs: { ...milliseconds, ...whole(1, 2 ** 31 - 1) },
  maxWaitMs: milliseconds,
  reattachMs: milliseconds,
  keepAliveJson: flag,
  watch: flag,
} as const satisfies Shape & Readonly<Record<keyof Policy, unknown>>;

/**
 * Checks policies as a program or a configuration gives them.
 * @param path of the policies, for messages: `plugins.gateway.policies`
 * @throws ConfigError that lists every wrong key with its path, its value and what it must be
 */
export function checkPolicies(policies: unknown, path: string): Readonly<Record<string, Policy>> {
  const named = asObject(policies);
  const problems =
    named === undefined
      ? [`${path} is ${shownJson(policies)}, but must be an object of policies by name, such as { "night": {} }.`]
      : Object.entries(named).flatMap(([name, policy]) => [
          ...(isPolicyName(name)
            ? []
            : [`${path} has a policy "${name}". Use letters, digits, dots, dashes, underscores.`]),
          ...problemsOfPolicy(policy, `${path}.${name}`),
        ]);
  refuse(problems);
  return (named ?? {}) as Readonly<Record<string, Policy>>;
}

/** Checks one policy. @throws ConfigError that lists every wrong key with its path, its value and what it must be */
export function checkPolicy(policy: unknown, path: string): Policy {
  refuse(problemsOfPolicy(policy, path));
  return policy as Policy;
}

function problemsOfPolicy(policy: unknown, path: string): readonly string[] {
  const problems = problemsOf(policy, POLICY, path);
  const { maxTokens } = asObject(policy) ?? {};
  if (maxTokens === undefined || problems.length > 0) return problems;
  const { means, factor } = asObject(maxTokens) ?? {};
  return means === undefined || factor === undefined
    ? [`${path}.maxTokens needs both keys: { "means": "segment", "factor": 3 }.`]
    : problems;
}

function problemsOf(value: unknown, shape: Shape, path: string): readonly string[] {
  const fields = asObject(value);
  if (fields === undefined) return [`${path} is ${shownJson(value)}, but must be an object.`];
  return Object.entries(fields).flatMap(([key, given]) => {
    const expected = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (expected === undefined) return [`${path} has no key "${key}"; known: ${Object.keys(shape).join(', ')}.`];
    if (given === undefined) return [];
    if (!isFormat(expected)) return problemsOf(given, expected, `${path}.${key}`);
    // Texts that stand for numbers are for the environment alone.
    const isRead = expected.read(given) !== undefined && (typeof given !== 'string' || isTextual(expected));
    return isRead ? [] : [`${path}.${key} is ${shownJson(given)}, but must be ${expected.description}.`];
  });
}

function isFormat(expected: Format<unknown> | Shape): expected is Format<unknown> {
  return typeof expected.read === 'function';
}

/** Whether a value of the format may be a text itself. */
function isTextual(format: Format<unknown>): boolean {
  return format === POLICY.routes || format === POLICY.continuity.onLength || format === POLICY.maxTokens.means;
}

/** Whether a policy may have this name, which stands in URLs. */
function isPolicyName(name: string): boolean {
  return /^[A-Za-z0-9][\w.-]{0,63}$/.test(name);
}

function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new ConfigError(`The policies of the gateway are not valid. ${problems.join(' ')}`, { problems });
}
