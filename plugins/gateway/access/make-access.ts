import { setMaxListeners } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { GenerationError, RequestContext } from 'scriptorium';
import { ACCOUNT_BUDGETS } from 'scriptorium/plugin';
import type { Clock, GenerationInput, StateStore } from 'scriptorium/plugin';
import type { Access, Admitted, Asked } from './access.js';
import type { Client } from './client.js';
import { KeyRing } from './keys/key-ring.js';
import { LOCAL, stateOfKey } from './keys/key-record.js';
import type { KeyRecord } from './keys/key-record.js';
import { keyStore } from './keys/key-store.js';
import { ClientGate } from './limits/client-gate.js';
import { accountBudgets } from './policies/account-budgets.js';
import { applyPolicy } from './policies/apply-policy.js';
import { checkPolicies, checkPolicy } from './policies/check-policies.js';
import { applyChosen, chosenPolicy, policyOfKey } from './policies/choose-policy.js';
import type { ChosenPolicy, Policies } from './policies/choose-policy.js';
import { overPolicy } from './policies/over-policy.js';
import type { Policy } from './policy.js';

/** The parts of a gateway's access. */
export interface AccessParts {
  /** The policy of requests without a key, and the defaults of all others. */
  readonly policy?: Policy | undefined;
  /** The policies that keys and requests name. */
  readonly policies?: Readonly<Record<string, Policy>> | undefined;
  /** Keeps the keys. By default there are none. */
  readonly store?: StateStore | undefined;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
}

/**
 * The access of a gateway. While the store has no key, every request is `local`. The keys are read every second: close it,
 * or the process stays alive.
 * @throws ConfigError for a policy that is not valid
 */
export function makeAccess({ policy = {}, policies = {}, store, clock, warn }: AccessParts): Access {
  const known = { usual: checkPolicy(policy, 'policy'), named: checkPolicies(policies, 'policies') };
  // Where no key is needed, everyone may watch.
  const local = { ...known, usual: overPolicy({ watch: true }, known.usual) };
  const ring = store === undefined ? undefined : new KeyRing({ store: keyStore(store), clock, warn });
  const gates = new Map<string, ClientGate>();
  const gateOf = (name: string): ClientGate => {
    const gate = gates.get(name) ?? new ClientGate({ name, clock });
    gates.set(name, gate);
    return gate;
  };
  const never = new AbortController().signal;
  setMaxListeners(0, never);
  return {
    hasKeys: async () => {
      await ring?.ready;
      return ring?.hasKeys ?? false;
    },
    clientOf: (asked) => {
      const chosen = chosenPolicy(asked);
      if (ring?.hasKeys !== true) return localClient(local, chosen, never);
      const record = recordOf(asked, { ring, clock });
      const own = policyOfKey(known, record);
      const effective = chosen === undefined ? own : applyChosen(known, chosen, own);
      return { name: record.name, policy: effective, signal: ring.signalOf(record) };
    },
    inputOf: (input, client, asked) => paidBy(client, applyPolicy(input, client.policy, asked)),
    admit: (client, signal) => admit(client, signal, gateOf),
    clients: () => [...gates].map(([name, gate]) => ({ name, ...gate.state() })),
    close: () => ring?.close(),
  };
}

/** The sender of a request where no key is needed. */
function localClient(policies: Policies, chosen: ChosenPolicy | undefined, signal: AbortSignal): Client {
  if (chosen === undefined) return { name: LOCAL, policy: policies.usual, signal };
  // Each policy has an account of its own. No key's name has a slash.
  return { name: `${LOCAL}/${chosen.name}`, policy: applyChosen(policies, chosen, undefined), signal };
}

/** The input whose cost the account of its client bears. */
function paidBy(client: Client, input: GenerationInput): GenerationInput {
  const budgets = accountBudgets(client);
  if (budgets.length === 0) return input;
  return { ...input, context: (input.context ?? RequestContext.empty).with(ACCOUNT_BUDGETS, budgets) };
}

function admit(
  { name, policy, signal: ofKey }: Client,
  signal: AbortSignal,
  gateOf: (name: string) => ClientGate,
): Promise<Admitted> {
  if (policy.limits === undefined) return Promise.resolve({ release: () => undefined });
  return gateOf(name).admit(policy, [signal, ofKey]);
}

/** The record of the key that a request brings. @throws GenerationError `authentication` */
function recordOf({ headers }: Asked, { ring, clock }: { readonly ring: KeyRing; readonly clock: Clock }): KeyRecord {
  const key = keyIn(headers);
  if (key === undefined)
    throw refused('This gateway needs a key. Send it in the header "Authorization: Bearer sk-scr-…" or "x-api-key".');
  const record = ring.find(key);
  if (record === undefined)
    throw refused('The key of this request is not known. Make one with: scriptorium gateway key add NAME');
  const state = stateOfKey(record, clock.now());
  if (state === 'valid') return record;
  throw refused(
    `The key "${record.name}" ${state === 'expired' ? 'has expired' : 'was revoked'}. Make a new one with: scriptorium gateway key add NAME`,
  );
}

/** The key that a request brings, in either of the usual headers. */
function keyIn({ authorization = '', 'x-api-key': plain }: IncomingHttpHeaders): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  return bearer ?? (typeof plain === 'string' && plain !== '' ? plain : undefined);
}

function refused(message: string): GenerationError {
  return new GenerationError('authentication', message, { status: 401 });
}
