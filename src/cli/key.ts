import type { Command } from 'commander';
import type { AccountInfo } from 'scriptorium';
import { shown, shownJson } from '../shown/shown-text.js';
import type { Shown } from '../shown/shown-text.js';
import { EXIT } from './exit-codes.js';
import { withPipeline } from './open-pipeline.js';
import type { PipelineFlags } from './open-pipeline.js';
import { configOption, demoOption, providerOption } from './options.js';
import { lines, print, say } from './say.js';
import type { Shell } from './shell.js';

/** `scriptorium key`: what the key in use may still do. */
export function addKey(program: Command, shell: Shell): void {
  program
    .command('key')
    .description('print what the key has spent, and what is left of its limits')
    .addOption(configOption())
    .addOption(demoOption())
    .addOption(providerOption())
    .option('--json', 'print one JSON object')
    .action(async (flags: PipelineFlags & { readonly json?: true }) => {
      const exitCode = await withPipeline({ ...flags, shell }, async ({ pipeline, choice }) => {
        const { raw, ...key } = await pipeline.key(choice.provider);
        if (flags.json === true) print(shell.stdout, lines(shownJson(key, 2)));
        else say(shell.stdout, describeKey(key));
        return EXIT.ok;
      });
      shell.exitWith(exitCode);
    });
}

function describeKey(key: AccountInfo): Shown {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['key', key.label],
    ['kind', kindOf(key)],
    ['spent', spentOf(key)],
    ['limit', limitOf(key)],
    ['free requests', freeOf(key)],
    ['rate', key.rateLimit && `${key.rateLimit.requests} requests in ${key.rateLimit.interval}`],
    ['expires', key.expiresAt ?? 'never'],
  ];
  return lines(...facts.flatMap(([name, value]) => (value === undefined ? [] : [shown`${name.padEnd(13)}  ${value}`])));
}

function kindOf({ isManagementKey, isFreeTier }: AccountInfo): string | undefined {
  if (isManagementKey === true) return 'a management key, which cannot generate';
  if (isFreeTier === undefined) return undefined;
  return isFreeTier ? 'free tier: no credit was ever bought' : 'paid';
}

function spentOf({ usageUsd, usageDailyUsd, usageWeeklyUsd, usageMonthlyUsd }: AccountInfo): string | undefined {
  if (usageUsd === undefined) return undefined;
  const parts = [
    [usageDailyUsd, 'today'],
    [usageWeeklyUsd, 'this week'],
    [usageMonthlyUsd, 'this month'],
  ] as const;
  const periods = parts.flatMap(([amount, period]) => (amount === undefined ? [] : [`${dollars(amount)} ${period}`]));
  return dollars(usageUsd) + (periods.length > 0 ? ` (${periods.join(', ')})` : '');
}

function limitOf({ limitUsd, limitReset, remainingUsd }: AccountInfo): string {
  if (limitUsd === undefined && remainingUsd === undefined) return 'none';
  const most = limitUsd === undefined ? '' : ` of ${dollars(limitUsd)}`;
  const left = remainingUsd === undefined ? dollars(limitUsd ?? 0) : `${dollars(remainingUsd)} left${most}`;
  return left + (limitReset === undefined ? '' : `, ${limitReset}`);
}

function freeOf({ dailyRequests }: AccountInfo): string | undefined {
  if (dailyRequests === undefined) return undefined;
  const { used, limit, remaining } = dailyRequests;
  return `${remaining} left of ${limit} today (${used} used; the day ends at 00:00 UTC)`;
}

/** As many decimals as there is something to see, two at least. */
function dollars(amount: number): string {
  const [whole = '', fraction = ''] = amount.toFixed(6).split('.');
  return `$${whole}.${fraction.replace(/0+$/, '').padEnd(2, '0')}`;
}
