const MASK = '[secret]';
/** Options that a user may take for the place of a key. Those of `--max-tokens` are counts. */
const SECRET_OPTION = /^--?[\w-]*(key|token(?!s)|secret|password|credential|auth)[\w-]*$/i;
/** Texts that begin as vendors' keys do. */
const LIKE_A_KEY = /\b(sk|pk|rk|gsk|xai|hf|key|api)[-_][\w-]{8,}/gi;
/** Shorter values would match ordinary words. */
const SHORTEST = 4;

/**
 * Masks in a usage error what may be a key: the values of unknown options (`--api-key=…`), the argument after an option that
 * sounds like a key's, and texts that look like one.
 */
export function maskArguments(error: string, args: readonly string[]): string {
  const [, quoted] = /unknown option '([^]*?)'/.exec(error) ?? [];
  // A key may hold a quote itself.
  const unknown = args.filter((arg) => error.includes(`unknown option '${arg}'`)).sort(byLength)[0] ?? quoted;
  const short = unknown === undefined ? error : error.replaceAll(unknown, () => nameOf(unknown));
  const secrets = args.flatMap(secretsIn).sort(byLength);
  return secrets.reduce((text, secret) => text.replaceAll(secret, MASK), short).replaceAll(LIKE_A_KEY, MASK);
}

/** The value of an option that sounds like a key's: behind its `=`, or the next argument. */
function secretsIn(arg: string, index: number, args: readonly string[]): readonly string[] {
  const [name = '', ...value] = arg.split('=');
  const secret = value.length > 0 ? { of: name, text: value.join('=') } : { of: args[index - 1] ?? '', text: arg };
  return secret.text.length >= SHORTEST && SECRET_OPTION.test(secret.of) ? [secret.text] : [];
}

function byLength(a: string, b: string): number {
  return b.length - a.length;
}

/** `--api-key=sk-1` is shown as `--api-key`, and `-ksk-1` as `-k`. */
function nameOf(option: string): string {
  const [name = option] = option.split('=');
  return name.startsWith('--') ? name : name.slice(0, 2);
}
