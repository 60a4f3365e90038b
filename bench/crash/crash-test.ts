import { openJournal } from '../../plugins/runs/engine/open-journal.js';
import { audit } from '../../plugins/runs/index.js';
import { tokensOf } from '../../src/emulator/tokens.js';
import { systemClock } from '../../src/plugin.js';
import { seededRandom } from '../kit/seeded-random.js';
import { moment } from './kills.js';
import type { Moment } from './kills.js';
import { lossOf, sentSoFar } from './loss.js';
import type { Loss } from './loss.js';
import type { CrashScene } from './scene.js';

/** What a crash test has found. */
export interface CrashFindings {
  readonly kills: readonly Kill[];
  readonly exitCode: number | null;
  /** Chapters whose text in the output is exact. */
  readonly exact: number;
  /** Chapters with another text, or none. */
  readonly wrong: readonly string[];
  /** Lines of the output. */
  readonly lines: number;
  readonly auditFindings: readonly string[];
  /** Completion tokens by the vendor's books. */
  readonly paidTokens: number;
  readonly textTokens: number;
  readonly costUsd: number;
  /** The cost by the journal: known and estimated. */
  readonly journalUsd: number;
  /** Unmeasured attempts of the journal. */
  readonly unmeasured: number;
}

/** A kill, and what it has cost. */
export interface Kill {
  readonly moment: Moment;
  readonly losses: readonly Loss[];
}

/** Kills and restarts the program until all chapters are written. */
export async function crashTest(scene: CrashScene): Promise<CrashFindings> {
  const random = seededRandom(scene.settings.seed + 1);
  const kills: Kill[] = [];
  let program = scene.start();
  while (kills.length < scene.settings.kills) {
    const at = await moment(random, scene, program);
    const sent = sentSoFar(scene);
    if (!program.child.kill('SIGKILL')) break;
    if ((await program.ended).signal !== 'SIGKILL') break;
    kills.push({ moment: at, losses: await lossOf(scene, sent) });
    program = scene.start();
  }
  const { code, stderr } = await program.ended;
  if (code !== 0) console.log(stderr);
  return { kills, exitCode: code, ...(await findings(scene)) };
}

async function findings(scene: CrashScene): Promise<Omit<CrashFindings, 'kills' | 'exitCode'>> {
  const outputs = scene.outputs();
  const exact = new Set(outputs.filter(({ id, text }) => text === scene.textOf(id)).map(({ id }) => id));
  const wrong = scene.ids.filter((id) => !exact.has(id));
  for (const id of wrong) {
    const output = outputs.find((each) => each.id === id);
    console.log(`WRONG ${id} (${output?.finishReason}): ${difference(output?.text, scene.textOf(id))}`);
  }
  const { journal, close } = await openJournal(scene.journal, { clock: systemClock });
  try {
    const { cost } = await journal.status('book');
    const found = await audit(journal, { run: 'book', files: [scene.out] });
    const { completionTokens, costUsd } = scene.emulator.books;
    return {
      exact: exact.size,
      wrong,
      lines: outputs.length,
      auditFindings: found.map((finding) => JSON.stringify(finding)),
      paidTokens: completionTokens,
      textTokens: scene.ids.reduce((sum, id) => sum + tokensOf(scene.textOf(id)).length, 0),
      costUsd,
      journalUsd: cost.known + cost.estimated,
      unmeasured: cost.unmeasuredAttempts,
    };
  } finally {
    await close();
  }
}

/** Where a text differs from the one that it should be. */
function difference(text: string | undefined, whole: string): string {
  if (text === undefined) return 'no text';
  let at = 0;
  while (at < whole.length && text[at] === whole[at]) at += 1;
  const shown = (one: string) => JSON.stringify(one.slice(Math.max(0, at - 60), at + 60));
  return `${text.length} of ${whole.length} characters, from ${at}: ${shown(text)} instead of ${shown(whole)}`;
}
