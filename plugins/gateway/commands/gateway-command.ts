import { parseArgs } from 'node:util';
import { GenerationError } from 'scriptorium';
import type { Clock, PluginCommand, StateStore } from 'scriptorium/plugin';
import { keyStore } from '../access/keys/key-store.js';
import type { KeyStore } from '../access/keys/key-store.js';
import type { Policy } from '../access/policy.js';
import { gatewayCommandHelp } from './gateway-command-help.js';
import { keyTable } from './gateway-command-table.js';

/** The parts of the command. */
export interface GatewayCommandParts {
  /** The store of the gateway's keys. */
  readonly store: StateStore;
  /** The configured policies. */
  readonly policies: Readonly<Record<string, Policy>>;
  readonly clock: Clock;
  /** The name on the command line; by default `gateway`. */
  readonly name?: string;
}

/** `scriptorium gateway key`: adds, lists and revokes the keys of a gateway. */
export function gatewayCommand({ store, policies, clock, name = 'gateway' }: GatewayCommandParts): PluginCommand {
  const keys = keyStore(store);
  return {
    name,
    description: 'add, list and revoke the keys of a gateway',
    run: async (args, { stdout, stderr }) => {
      const { words, policy, expires, help } = parsed(args);
      const [subject, action, keyName] = words;
      if (help || subject === undefined || subject === 'help') {
        stdout.write(gatewayCommandHelp(name));
        return 0;
      }
      if (subject !== 'key') throw wrong(`"${subject}" is not known. Use: ${name} key add|list|revoke`);
      const now = clock.now();
      switch (action) {
        case 'add': {
          const expiresAt = expires === undefined ? undefined : now + durationOf(expires);
          checkPolicyName(policy, policies);
          const key = await keys.add({ name: nameOf(keyName, action), policy, expiresAt, now });
          stdout.write(`${key}\n`);
          stderr.write(notes(keyName ?? '', { policy, expiresAt }));
          return 0;
        }
        case 'list':
          stdout.write(keyTable(await keys.read(), now));
          return 0;
        case 'revoke':
          return revoke(keys, { keyName: nameOf(keyName, action), now, say: (text) => stderr.write(text) });
        default:
          throw wrong(`"key ${action ?? ''}" is not known. Use: ${name} key add NAME, key list, or key revoke NAME`);
      }
    },
  };
}

/** The key goes to standard output alone, so that a program can take it from there. */
function notes(
  name: string,
  { policy, expiresAt }: { readonly policy?: string | undefined; readonly expiresAt?: number | undefined },
): string {
  const until = expiresAt === undefined ? '' : ` It expires at ${new Date(expiresAt).toISOString().slice(0, 16)}Z.`;
  const rules = policy === undefined ? '' : ` with the policy "${policy}"`;
  return `Added the key "${name}"${rules}.${until}\nThis is the only time that it is shown: keep it now.\n`;
}

async function revoke(
  keys: KeyStore,
  { keyName, now, say }: { readonly keyName: string; readonly now: number; readonly say: (text: string) => void },
): Promise<number> {
  await keys.revoke(keyName, now);
  say(`Revoked the key "${keyName}". Running gateways refuse it within a second.\n`);
  return 0;
}

const OPTIONS = {
  policy: { type: 'string' },
  expires: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function parsed(args: readonly string[]) {
  try {
    const { values, positionals: words } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    const [subject, action] = words;
    const isAdd = subject === 'key' && action === 'add';
    if (!isAdd && (values.policy ?? values.expires) !== undefined)
      throw new Error('--policy and --expires belong to "key add".');
    if (words.length > (action === 'list' ? 2 : 3)) throw new Error(`"${words.at(-1) ?? ''}" is one word too many.`);
    return { ...values, words };
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}

function nameOf(name: string | undefined, action: string): string {
  if (name === undefined) throw wrong(`The name of the key is missing. Use: key ${action} NAME`);
  return name;
}

function checkPolicyName(policy: string | undefined, policies: Readonly<Record<string, Policy>>): void {
  if (policy === undefined || Object.hasOwn(policies, policy)) return;
  const known = Object.keys(policies);
  throw wrong(
    `There is no policy "${policy}". ${known.length === 0 ? 'Configure it under policies' : `Known policies: ${known.join(', ')}`}.`,
  );
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Milliseconds of a text such as `90d`. */
function durationOf(text: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,5})([mhdw])$/.exec(text) ?? [];
  if (count === undefined) throw wrong(`--expires is "${text}", but must be a number with m, h, d or w, such as 90d.`);
  return Number(count) * (UNITS[unit] ?? 0);
}

function wrong(message: string): GenerationError {
  return new GenerationError('invalid-input', `gateway: ${message}`);
}
