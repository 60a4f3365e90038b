import { asObject, asText } from 'scriptorium/provider';
import { didYouMean } from 'scriptorium/plugin';

/** The problem that `parseArgs` has found, in a line. @param known the long names of the options */
export function optionProblem(error: unknown, known: readonly string[]): string {
  const { code, message } = asObject(error) ?? {};
  const [line = ''] = (asText(message) ?? String(error)).split('\n');
  if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return line;
  const [, option = ''] = /'(-[^']*)'/.exec(line) ?? [];
  const names = known.map((name) => `--${name}`);
  return `There is no option ${option}.${option.startsWith('--') ? didYouMean(option, names) : ''}`;
}
