const MASK = '[secret]';
/** Options that a user may take for the place of a key. */
const SECRET_OPTION = /^--?[\w-]*(key|token|secret|password|credential|auth)[\w-]*$/i;
/** Texts that begin as vendors' keys do. */
const LIKE_A_KEY = /\b(sk|pk|rk|gsk|xai|hf|key|api)[-_][\w-]{8,}/gi;

/**
 * Masks in a usage error what may be a key: the values of unknown options (`--api-key=…`), the argument after an option that
 * sounds like a key's, and texts that look like one.
 */
export function maskArguments(error: string, args: readonly string[]): string {
  const [, unknown] = /unknown option '([^]*?)'/.exec(error) ?? [];
  const short = unknown === undefined ? error : error.replace(unknown, () => nameOf(unknown));
  const secrets = args.filter((arg, index) => arg.length >= 4 && SECRET_OPTION.test(args[index - 1] ?? ''));
  return secrets.reduce((text, secret) => text.replaceAll(secret, MASK), short).replaceAll(LIKE_A_KEY, MASK);
}

/** `--api-key=sk-1` is shown as `--api-key`, and `-ksk-1` as `-k`. */
function nameOf(option: string): string {
  const [name = option] = option.split('=');
  return name.startsWith('--') ? name : name.slice(0, 2);
}
