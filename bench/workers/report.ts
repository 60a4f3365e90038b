import { openJournal } from '../../plugins/runs/engine/open-journal.js';
import { audit } from '../../plugins/runs/index.js';
import { tokensOf } from '../../src/emulator/tokens.js';
import { systemClock } from '../../src/plugin.js';
import type { Check } from '../kit/checks.js';
import type { WorkersScene } from './scene.js';
import { CHECKPOINT_MS } from './settings.js';
import type { TroubleMaker } from './troubles.js';

const MINUTE_MS = 60_000;
/** The tokens of a kilobyte, after which a text is journalled at once. */
const TOKENS_A_FLUSH = 300;

/** How the watching command has ended. */
export interface Watched {
  readonly code: number | null;
  readonly stderr: string;
  readonly seconds: number;
}

/** Prints what was found. @returns the requirements */
export async function report(scene: WorkersScene, trouble: TroubleMaker, run: Watched): Promise<readonly Check[]> {
  const { settings, emulator, ids } = scene;
  const outputs = scene.outputs();
  const wrong = outputs.filter(({ id, text }) => text !== scene.textOf(id));
  const exact = outputs.length - wrong.length;
  const once = new Set(outputs.map(({ id }) => id)).size;
  const { epochs, findings } = await fromJournal(scene);
  const window = largestWindow(emulator.requests.filter(isCounted).map(({ arrivedAt }) => arrivedAt));
  const refused = emulator.requests.filter(({ status, fault }) => status === 429 && fault === undefined).length;
  const { completionTokens, costUsd } = emulator.books;
  const textTokens = ids.reduce((sum, id) => sum + tokensOf(scene.textOf(id)).length, 0);
  const again = completionTokens - textTokens;
  const inFlight = trouble.hit.items;
  const promised = inFlight * Math.max(TOKENS_A_FLUSH, Math.ceil((CHECKPOINT_MS * settings.tokensPerSecond) / 1_000));
  const troubles = Object.entries(trouble.made).map(([name, count]) => `${name}: ${count}`);
  console.log(`${settings.workers} workers, ${settings.items} items, ${run.seconds.toFixed(0)} s`);
  console.log(`troubles: ${troubles.join(', ')}`);
  console.log(`texts: ${exact} of ${ids.length} exact, ${outputs.length} lines, ${once} items`);
  console.log(`claims: ${epochs} for ${ids.length} items; findings of the audit: ${findings.length}`);
  console.log(
    `largest window at the server: ${window} of ${settings.perMinute} requests a minute; refused: ${refused}`,
  );
  console.log(`money: $${costUsd.toFixed(4)} of $${settings.budgetUsd}`);
  console.log(
    `tokens: ${completionTokens} paid, ${textTokens} in the texts, ${again} paid again; ${inFlight} items were in flight at kills and stops, which may cost ${promised}`,
  );
  for (const finding of findings.slice(0, 10)) console.log(`audit: ${finding}`);
  return [
    { what: `exit code ${run.code}: ${run.stderr.slice(-2_000)}`, isRight: run.code === 0 },
    { what: `wrong texts: ${wrong.map(({ id }) => id).join(', ')}`, isRight: exact === ids.length },
    { what: `${outputs.length} lines`, isRight: outputs.length === ids.length && once === ids.length },
    { what: `${findings.length} findings of the audit`, isRight: findings.length === 0 },
    { what: `a window of ${window} requests`, isRight: window <= settings.perMinute },
    { what: `$${costUsd} of $${settings.budgetUsd}`, isRight: costUsd <= settings.budgetUsd },
    { what: `${again} tokens paid again`, isRight: again >= 0 && again <= promised },
  ];
}

async function fromJournal({ journal: address, output }: WorkersScene) {
  const { journal, close } = await openJournal(address, { clock: systemClock });
  try {
    const items = await journal.items('book');
    const found = await audit(journal, { run: 'book', files: [output] });
    return {
      epochs: items.reduce((sum, { epoch }) => sum + epoch, 0),
      findings: found.map((finding) => JSON.stringify(finding)),
    };
  } finally {
    await close();
  }
}

/** The vendor counts what it accepts. */
function isCounted({ status, fault }: { readonly status: number | undefined; readonly fault: unknown }): boolean {
  return status !== 429 || fault !== undefined;
}

/** The most requests in any minute. @param times epoch milliseconds, in their order */
export function largestWindow(times: readonly number[]): number {
  let from = 0;
  let most = 0;
  for (const [at, time] of times.entries()) {
    while ((times[from] ?? 0) <= time - MINUTE_MS) from += 1;
    most = Math.max(most, at - from + 1);
  }
  return most;
}
