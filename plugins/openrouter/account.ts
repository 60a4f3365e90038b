import { GenerationError } from 'scriptorium';
import { asNumber, asObject, asText, isAccountDollars } from 'scriptorium/provider';
import type { AccountInfo, Connection, CreditsInfo, Json, Remedies } from 'scriptorium/provider';
import { ask } from './ask.js';
import type { Endpoint } from './encode.js';

/** `GET /key`: the limits of the key in use. */
export async function fetchAccount(endpoint: Endpoint, connection: Connection): Promise<AccountInfo> {
  const raw = asObject((await ask('key', { endpoint, connection })).data) ?? {};
  const dailyRequests = readDay(asObject(raw.free_model_daily_requests));
  const rate = asObject(raw.rate_limit);
  const [requests, interval] = [asNumber(rate?.requests), asText(rate?.interval)];
  return {
    ...texts(raw),
    ...amounts(raw),
    ...(typeof raw.is_free_tier === 'boolean' && { isFreeTier: raw.is_free_tier }),
    ...(typeof raw.is_management_key === 'boolean' && { isManagementKey: raw.is_management_key }),
    ...(dailyRequests && { dailyRequests }),
    // OpenRouter has given this up and sends -1.
    ...(requests !== undefined && requests > 0 && interval !== undefined && { rateLimit: { requests, interval } }),
    raw,
  };
}

function readDay(free: Json | undefined): AccountInfo['dailyRequests'] {
  const [used, limit, remaining] = [free?.used, free?.limit, free?.remaining].map(asNumber);
  return used === undefined || limit === undefined || remaining === undefined ? undefined : { used, limit, remaining };
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
  if (!isAccountDollars(totalUsd) || !isAccountDollars(usedUsd))
    throw new GenerationError(
      'malformed-answer',
      'OpenRouter answered the question for the credits without amounts that can be true.',
    );
  return { totalUsd, usedUsd, remainingUsd: Math.round((totalUsd - usedUsd) * 1e11) / 1e11 };
}
