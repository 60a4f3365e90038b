import type { Check } from '../kit/checks.js';
import type { CrashFindings, Kill } from './crash-test.js';
import type { CrashSettings } from './settings.js';

/** Prints what a crash test has found. */
export function printFindings(
  { kind, chapters, checkpointMs, tokensPerSecond }: CrashSettings,
  found: CrashFindings,
): void {
  const { kills, exact, lines, paidTokens, textTokens } = found;
  const losses = kills.flatMap((kill) => kill.losses.map(({ tokens }) => tokens)).sort((one, other) => one - other);
  const sum = losses.reduce((total, tokens) => total + tokens, 0);
  const again = paidTokens - textTokens;
  const promised = Math.ceil((checkpointMs * tokensPerSecond) / 1_000);
  console.log(`model ${kind}: ${kills.length} kills (${momentsOf(kills)})`);
  console.log(
    `texts: ${exact} of ${chapters} exact, ${lines} lines in the output, ${found.auditFindings.length} findings of the audit`,
  );
  console.log(
    `tokens: ${paidTokens} paid, ${textTokens} in the texts, ${again} paid again (${((again / paidTokens) * 100).toFixed(2)} %)`,
  );
  if (kind === 'exact')
    console.log(
      `killed items in flight: ${losses.length}; tokens not journalled: ${sum}, median ${losses[losses.length >> 1] ?? 0}, most ${losses.at(-1) ?? 0} (${checkpointMs} ms are ${promised} tokens)`,
    );
  console.log(
    `money: $${found.costUsd.toFixed(6)} by the vendor, $${found.journalUsd.toFixed(6)} by the journal, ${found.unmeasured} attempts unmeasured`,
  );
  for (const finding of found.auditFindings.slice(0, 10)) console.log(`audit: ${finding}`);
}

function momentsOf(kills: readonly Kill[]): string {
  const counts = new Map<string, number>();
  for (const { moment } of kills) counts.set(moment, (counts.get(moment) ?? 0) + 1);
  return [...counts].map(([moment, count]) => `${moment} ${count}`).join(', ');
}

/** The requirements of a crash test. */
export function checksOf({ kills, chapters, kind, budgetUsd }: CrashSettings, found: CrashFindings): readonly Check[] {
  const { exact, wrong, lines, auditFindings } = found;
  return [
    { what: `exit code ${found.exitCode}`, isRight: found.exitCode === 0 },
    { what: `only ${found.kills.length} of ${kills} kills before the end`, isRight: found.kills.length === kills },
    { what: `${lines} lines for ${chapters} chapters`, isRight: lines === chapters },
    { what: `wrong texts: ${wrong.join(', ')}`, isRight: exact === chapters },
    { what: `${auditFindings.length} findings of the audit`, isRight: auditFindings.length === 0 },
    ...(budgetUsd === 0 ? [] : [{ what: `$${found.costUsd} of $${budgetUsd}`, isRight: found.costUsd <= budgetUsd }]),
    ...(kind === 'exact'
      ? [{ what: 'the vendor was paid less than the texts', isRight: found.paidTokens >= found.textTokens }]
      : []),
  ];
}
