import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { GenerationError } from 'scriptorium';
import { asText, parseObject } from 'scriptorium/provider';
import { shown, shownJson } from 'scriptorium/plugin';
import type { Clock, PluginCommand, Shown } from 'scriptorium/plugin';
import { outputIdOf } from '../batch-file/output-line.js';
import { readLines } from '../batch-file/read-lines.js';
import type { Journal } from '../journal/journal.js';
import { counted } from '../progress/format.js';
import { audit } from '../receipt/audit.js';
import type { Finding } from '../receipt/finding.js';
import type { BatchSettings } from './batch-parts.js';
import { runNamed, withExistingJournal } from './open-existing.js';
import { optionProblem } from './option-problem.js';
import { outputOf } from './resume-command.js';
import { userError } from './user-error.js';

/** The parts of `auditCommand`. */
export interface AuditCommandParts {
  readonly name: string;
  readonly settings: Pick<BatchSettings, 'journal'>;
  readonly clock: Clock;
}

/** `scriptorium audit`: checks a run, its output and its receipts against each other. */
export function auditCommand({ name, settings, clock }: AuditCommandParts): PluginCommand {
  return {
    name,
    description: 'check the texts and the money of a run against each other',
    run: async (args, { stdout, stderr }) => {
      const { words, ledger, json, help } = parsed(args);
      if (help || words.length === 0) {
        stdout.write(auditHelp(name));
        return help ? 0 : 2;
      }
      try {
        return await withExistingJournal({ settings, clock }, async (journal) => {
          const { run, files } = await subjectOf(words, journal);
          const findings = await audit(journal, { run, files, ledger });
          for (const finding of findings) stdout.write(`${json ? shownJson(finding) : findingText(finding)}\n`);
          if (findings.length === 0) stderr.write(shown`All is right: ${['the journal', ...files].join(', ')}\n`);
          else stderr.write(shown`Found ${counted(findings.length, 'difference')}\n`);
          return findings.length === 0 ? 0 : 1;
        });
      } catch (error) {
        throw userError(error);
      }
    },
  };
}

const OPTIONS = {
  ledger: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function parsed(args: readonly string[]) {
  try {
    const { values, positionals: words } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    return { ...values, words };
  } catch (error) {
    throw wrong(optionProblem(error, Object.keys(OPTIONS)));
  }
}

/** The run that is audited, and the files that are compared with it. */
interface Subject {
  readonly run: string;
  readonly files: readonly string[];
}

/** The words are the name of a run, files, or both. A run alone is audited with its output, a file alone with its run. */
async function subjectOf(words: readonly string[], journal: Journal): Promise<Subject> {
  const files = words.filter((word) => isFile(resolve(word)));
  const [name, second] = words.filter((word) => !files.includes(word));
  if (second !== undefined) throw wrong(`"${second}" is neither a file nor, beside "${name ?? ''}", the run.`);
  if (name === undefined) return { run: await runOfFiles(files, journal), files };
  const run = await runNamed(journal, name);
  const output = outputOf(run)?.path;
  return { run: run.id, files: files.length === 0 && output !== undefined && isFile(output) ? [output] : files };
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

async function runOfFiles(files: readonly string[], journal: Journal): Promise<string> {
  const runs = await journal.runs();
  for (const file of files) {
    const begins = await firstId(file);
    const run = runs.find(({ id }) => begins.startsWith(outputIdOf(id)));
    if (run !== undefined) return run.id;
  }
  throw wrong(`${files.join(', ')} names no run of ${journal.name}. Name the run, too: scriptorium audit RUN FILE`);
}

async function firstId(file: string): Promise<string> {
  for await (const line of readLines(file)) return asText(parseObject(line ?? '')?.['id']) ?? '';
  return '';
}

function findingText({ item, file, field, found, expected, by }: Finding): Shown {
  const where = [...(file === undefined ? [] : [file]), ...(item === undefined ? [] : [item]), field].join(': ');
  return shown`${where} is ${jsonOf(found)}; by ${by} it is ${jsonOf(expected)}`;
}

const LONGEST = 200;

function jsonOf(value: unknown): string {
  const json = value === undefined ? 'missing' : JSON.stringify(value);
  return json.length > LONGEST ? `${json.slice(0, LONGEST)}…` : json;
}

function wrong(message: string): GenerationError {
  return new GenerationError('invalid-input', `audit: ${message}`);
}

const auditHelp = (name: string): string => `Usage: scriptorium ${name} [RUN] [FILE...] [options]

Checks a run: its texts, where each part of them came from, its attempts, and
its money, against each other and against files. Prints what differs.

A RUN alone is checked with its output. FILEs are outputs of the run, or
receipts (*.receipt.json); an output alone names its run.

Options:
  --ledger <path>      the ledger to compare with (plugin "ledger"): a file, or
                       its address on PostgreSQL
  --json               print a JSON object for each difference
  -c, --config <path>  configuration file
  -h, --help           show this

Exit codes: 0 all is right, 1 something differs, 2 wrong usage.
`;
