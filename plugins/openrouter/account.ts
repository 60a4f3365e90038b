import { GenerationError } from 'scriptorium';
import { asNumber, asObject, asText } from 'scriptorium/provider';
import type { AccountInfo, Connection, CreditsInfo, Json, Remedies } from 'scriptorium/provider';
import { ask } from './ask.js';
import type { Endpoint } from './encode.js';

/** `GET /key`: the limits of the key in use. */
export async function fetchAccount(endpoint: Endpoint, connection: Connection): Promise<AccountInfo> {
  const raw = asObject((await ask('key', { endpoint, connection })).data) ?? {};
  const free = asObject(raw.free_model_daily_requests);
  const rate = asObject(raw.rate_limit);
  const [requests, interval] = [asNumber(rate?.requests), asText(rate?.interval)];
  return {
    ...texts(raw),
    ...amounts(raw),
    ...(typeof raw.is_free_tier === 'boolean' && { isFreeTier: raw.is_free_tier }),
    ...(typeof raw.is_management_key === 'boolean' && { isManagementKey: raw.is_management_key }),
    ...(free && {
      dailyRequests: {
        used: asNumber(free.used) ?? 0,
        limit: asNumber(free.limit) ?? 0,
        remaining: asNumber(free.remaining) ?? 0,
      },
    }),
    // OpenRouter has given this up and sends -1.
    ...(requests !== undefined && requests > 0 && interval !== undefined && { rateLimit: { requests, interval } }),
    raw,
  };
}

function texts(raw: Json): Partial<AccountInfo> {
  const [label, limitReset, expiresAt] = [raw.label, raw.limit_reset, raw.expires_at].map(asText);
  return {
    ...(label !== undefined && { label }),
    ...(limitReset !== undefined && { limitReset }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

/** US dollars. */
const AMOUNTS = {
  limitUsd: 'limit',
  remainingUsd: 'limit_remaining',
  usageUsd: 'usage',
  usageDailyUsd: 'usage_daily',
  usageWeeklyUsd: 'usage_weekly',
  usageMonthlyUsd: 'usage_monthly',
} as const satisfies Partial<Record<keyof AccountInfo, string>>;

function amounts(raw: Json): Partial<AccountInfo> {
  return Object.fromEntries(
    Object.entries(AMOUNTS)
      .map(([ours, theirs]) => [ours, asNumber(raw[theirs])])
      .filter(([, amount]) => amount !== undefined),
  ) as Partial<AccountInfo>;
}

const NEEDS_MANAGEMENT =
  'OpenRouter tells credits to a management key only, which cannot generate: give one to an instance of its own, such as openrouter({ id: "management", apiKey }), and ask credits("management"). What an ordinary key may spend is told by key().';
const CREDIT_REMEDIES: Remedies = { permission: NEEDS_MANAGEMENT, authentication: NEEDS_MANAGEMENT };

/** `GET /credits`: what the account has bought and used. Management keys only. */
export async function fetchCredits(endpoint: Endpoint, connection: Connection): Promise<CreditsInfo> {
  const data = asObject((await ask('credits', { endpoint, connection, remedies: CREDIT_REMEDIES })).data);
  const [totalUsd, usedUsd] = [asNumber(data?.total_credits), asNumber(data?.total_usage)];
  if (totalUsd === undefined || usedUsd === undefined)
    throw new GenerationError(
      'malformed-answer',
      'OpenRouter answered the question for the credits with something that holds none.',
    );
  return { totalUsd, usedUsd, remainingUsd: Math.round((totalUsd - usedUsd) * 1e11) / 1e11 };
}
