import { Argument } from 'commander';
import type { Command } from 'commander';
import { shownLine, shownText } from '../shown/shown-text.js';
import { EXIT } from './exit-codes.js';
import { print } from './say.js';
import type { Shell } from './shell.js';

/** A command as a shell completes it. */
interface Completed {
  readonly name: string;
  readonly description: string;
  readonly options: readonly { readonly flags: readonly string[]; readonly description: string }[];
  /** The names of the commands below it. */
  readonly below: readonly string[];
}

const SCRIPTS = { bash, zsh, fish } as const;

/** `scriptorium completion SHELL`: prints a script that completes the commands and their options. */
export function addCompletion(program: Command, shell: Shell): void {
  program
    .command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>').choices(Object.keys(SCRIPTS)))
    .action((name: keyof typeof SCRIPTS) => {
      print(shell.stdout, shownText(SCRIPTS[name](program.commands.map(completed))));
      shell.exitWith(EXIT.ok);
    });
}

function completed(command: Command): Completed {
  const options = command.options.map(({ short, long, description }) => ({
    flags: [short, long].filter((flag) => flag !== undefined),
    description: shownLine(description),
  }));
  return {
    name: command.name(),
    description: shownLine(command.description()),
    options: [...options, { flags: ['-h', '--help'], description: 'show the options' }],
    below: command.commands.map((each) => each.name()),
  };
}

function wordsOf({ options, below }: Completed): readonly string[] {
  return [...below, ...options.flatMap(({ flags }) => flags)];
}

function bash(commands: readonly Completed[]): string {
  const cases = commands.map((command) => `    ${command.name}) words=${quoted(wordsOf(command).join(' '))} ;;`);
  return `# bash completion for scriptorium: source <(scriptorium completion bash)
_scriptorium() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    words=${quoted(commands.map(({ name }) => name).join(' '))}
  else case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _scriptorium scriptorium
`;
}

function zsh(commands: readonly Completed[]): string {
  const described = commands.map(({ name, description }) => `    ${quoted(`${name}:${escapedColons(description)}`)}`);
  const cases = commands.map((command) => `    ${command.name}) compadd -- ${wordsOf(command).join(' ')} ;;`);
  return `#compdef scriptorium
# zsh completion for scriptorium: source <(scriptorium completion zsh)
_scriptorium() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case "$words[2]" in
${cases.join('\n')}
  esac
  _files
}
compdef _scriptorium scriptorium
`;
}

function fish(commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ name, description, options, below }) => {
    const here = `complete -c scriptorium -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
    return [
      `complete -c scriptorium -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
      ...below.map((each) => `${here} -a ${each}`),
      ...options.map((option) => `${here} ${fishFlags(option.flags)} -d ${quoted(option.description)}`),
    ];
  });
  return ['# fish completion for scriptorium: scriptorium completion fish | source', ...lines, ''].join('\n');
}

function fishFlags(flags: readonly string[]): string {
  return flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(' ');
}

/** In single quotes, in which a shell reads nothing but their end. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function escapedColons(text: string): string {
  return text.replaceAll(':', String.raw`\:`);
}
