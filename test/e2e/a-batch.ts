import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Emulator } from 'scriptorium/testing';
import { aFolder } from './run-cli.js';

export const MODEL = 'scriptorium/exact';
export const messagesOf = (id: string) => [{ role: 'user', content: `Write ${id}.` }];

/** A folder with a batch file of these items. */
export function aBatch(ids: readonly string[], line: (id: string) => object = () => ({})): string {
  return aFolder({ 'in.jsonl': batchFile(ids, line) });
}

/** The lines of a batch file. */
export function batchFile(ids: readonly string[], line: (id: string) => object = () => ({})): string {
  const lines = ids.map((custom_id) => ({
    ...{ custom_id, method: 'POST', url: '/v1/chat/completions' },
    body: { model: MODEL, messages: messagesOf(custom_id) },
    ...line(custom_id),
  }));
  return lines.map((each) => `${JSON.stringify(each)}\n`).join('');
}

/** The texts of an output by their custom ids. */
export function textsIn(folder: string, file = 'out.jsonl'): Readonly<Record<string, unknown>> {
  const lines = readFileSync(join(folder, file), 'utf8').trimEnd().split('\n');
  return Object.fromEntries(
    lines.map((line) => {
      const { custom_id, response, error } = JSON.parse(line) as {
        custom_id: string;
        response: { body: { choices: readonly [{ message: { content: string } }] } } | null;
        error: unknown;
      };
      return [custom_id, response?.body.choices[0].message.content ?? error];
    }),
  );
}

/** The texts that the emulator writes for these items. */
export function textsOf(emulator: Emulator, ids: readonly string[], model = MODEL): Readonly<Record<string, string>> {
  return Object.fromEntries(ids.map((id) => [id, emulator.textFor({ model, messages: messagesOf(id) })]));
}
