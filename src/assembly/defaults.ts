import { accountQuotas } from '../chain/admit/account-quotas.js';
import { localBreakers } from '../chain/admit/breaker.js';
import { processLimiters } from '../chain/admit/limiters.js';
import { localLimits } from '../chain/admit/local-limits.js';
import { localSpending } from '../chain/admit/local-spending.js';
import { processMarks } from '../chain/admit/process-marks.js';
import { localSlots } from '../chain/admit/slots.js';
import { fileStateStore, memoryStateStore, realPathOf } from '../chain/admit/state-store.js';
import { memoryCacheStore } from '../chain/cache/cache.js';
import { localRetryBudgets } from '../chain/recover/retry-budget.js';
import { systemClock } from '../core/clock.js';
import { SILENT_MONITOR } from '../core/monitor.js';
import { soundUsage } from '../core/outside/sound-usage.js';
import { WrongNumbers } from '../core/outside/wrong-numbers.js';
import type { LimitStore } from '../core/ports.js';
import type { Connection } from '../core/provider.js';
import { questionConnection } from '../core/question-connection.js';
import type { StatSink } from '../core/stats.js';
import type { Transport } from '../core/transport.js';
import { faultLog } from '../pipeline/fault-log.js';
import { randomId } from '../core/util/random-id.js';
import { providerRegistry } from '../providers/registry.js';
import { modelSpeeds } from '../stats/model-speeds.js';
import { Reconciler } from '../stats/reconciler.js';
import type { ReconcilerParts } from '../stats/reconciler.js';
import { StatHub } from '../stats/stat-hub.js';
import { UsageStats } from '../stats/usage-stats.js';
import { chooseTransport } from '../transport/choose-transport.js';
import { fillToken, resolveList } from './container.js';
import type { DependencyContainer, Fill } from './container.js';
import { registerInterceptors } from './interceptors.js';
import { FAULTS, PARTS, PROVIDERS, PROXIES, REPLACEMENTS, SHARED_LIMITERS, STAT_HUB } from './internal-tokens.js';
import { recordStatOf } from './parts/guarded-parts.js';
import { Parts } from './parts/parts.js';
import {
  BREAKERS,
  CACHE_STORE,
  CLOCK,
  CONFIG,
  DAY_QUOTAS,
  LIMIT_STORE,
  LOGGER,
  MODEL_SPEEDS,
  NAMED_TRANSPORT,
  PROVIDER,
  RANDOM,
  RECONCILER,
  RECORD_STAT,
  REDACT,
  RETRY_BUDGETS,
  SLOTS,
  SPENDING,
  STAT_SINK,
  STATE_STORE,
  TRANSPORT,
  TRANSPORT_WRAP,
  USAGE_STATS,
} from './tokens.js';

/** A probe's lease where the first-token timer is off. */
const PROBE_LEASE_MS = 120_000;
/** Length of the name of a process in the state store. */
const PROCESS_NAME = 13;

/** Fills every token that is still free. Parts get what they need by token: replacing one replaces it everywhere. */
export function registerDefaults(container: DependencyContainer): void {
  const fill = fillToken(container);
  registerPorts(fill);
  registerStats(fill);
  registerInterceptors(container);
}

function registerPorts(fill: Fill): void {
  fill(PARTS, (c) => new Parts(c));
  fill(FAULTS, (c) => faultLog(c.resolve(LOGGER)));
  fill(PROVIDERS, (c) => providerRegistry(resolveList(c, PROVIDER), c.resolve(FAULTS)));
  fill(CLOCK, () => systemClock);
  fill(RANDOM, () => () => Math.random());
  fill(TRANSPORT, transportOf);
  fill(STATE_STORE, (c) => {
    const { stateFile } = c.resolve(CONFIG);
    return stateFile === null ? memoryStateStore() : fileStateStore(stateFile, c.resolve(CLOCK));
  });
  fill(CACHE_STORE, (c) => memoryCacheStore(c.resolve(CONFIG).cache.maxEntries));
  fill(SPENDING, (c) =>
    localSpending({
      clock: c.resolve(CLOCK),
      random: c.resolve(RANDOM),
      store: c.resolve(PARTS).state,
      // On virtual time, processes are simulated.
      processes: c.resolve(CLOCK) === systemClock ? processMarks() : undefined,
    }),
  );
  fill(SHARED_LIMITERS, () => processLimiters());
  fill(LIMIT_STORE, limitsOfProcess);
  fill(DAY_QUOTAS, (c) =>
    accountQuotas({ clock: c.resolve(CLOCK), redact: c.resolve(REDACT), connect: () => connectionOf(c) }),
  );
  fill(SLOTS, (c) => localSlots(c.resolve(CLOCK), c.resolve(CONFIG).concurrency.max));
  fill(RETRY_BUDGETS, (c) => localRetryBudgets(c.resolve(CLOCK), c.resolve(CONFIG).retry.budget));
  fill(BREAKERS, (c) => {
    const { breaker, timeouts } = c.resolve(CONFIG);
    return localBreakers(c.resolve(CLOCK), c.resolve(RANDOM), {
      ...breaker,
      probeLeaseMs: timeouts.firstTokenMs || PROBE_LEASE_MS,
    });
  });
}

function transportOf(container: DependencyContainer): Transport {
  return chooseTransport(container.resolve(CONFIG).transport, {
    added: resolveList(container, NAMED_TRANSPORT),
    wraps: resolveList(container, TRANSPORT_WRAP),
    options: { proxyFor: container.resolve(PROXIES).choose },
  });
}

/**
 * A provider that names no keys has its id for one, which does not say whose account it is: its limits are the pipeline's
 * own. Other processes look into a state store that is not in memory.
 */
function limitsOfProcess(container: DependencyContainer): LimitStore {
  const { stateFile, rateLimit } = container.resolve(CONFIG);
  const isReplaced = container.resolve(REPLACEMENTS).of(STATE_STORE) !== undefined;
  const isKept = isReplaced || stateFile !== null;
  const { ids } = container.resolve(PROVIDERS);
  const { state, ended$ } = container.resolve(PARTS);
  return localLimits({
    clock: container.resolve(CLOCK),
    skewMs: rateLimit.skewMs,
    store: state,
    place: isReplaced || stateFile === null ? container.resolve(STATE_STORE) : realPathOf(stateFile),
    process: isKept ? randomId(container.resolve(RANDOM)).slice(0, PROCESS_NAME) : undefined,
    shared: { limiters: container.resolve(SHARED_LIMITERS), isShared: ({ key }) => !ids.includes(key) },
    ended: ended$,
  });
}

function registerStats(fill: Fill): void {
  fill(USAGE_STATS, (c) => new UsageStats(c.resolve(CLOCK)));
  fill(MODEL_SPEEDS, () => modelSpeeds());
  fill(
    RECONCILER,
    (c) => new Reconciler({ clock: c.resolve(CLOCK), record: (stat) => recordStatOf(c)(stat), ask: askForUsage(c) }),
  );
  fill(STAT_HUB, (c) => new StatHub(allSinks(c), c.resolve(LOGGER), c.resolve(CLOCK)));
  fill(RECORD_STAT, (c) => c.resolve(STAT_HUB).record);
}

/** Lists every sink of a pipeline, the last to be closed first: a late reconciliation still reaches all others. */
function allSinks(container: DependencyContainer): readonly StatSink[] {
  const reconciling = container.resolve(CONFIG).continuity.reconcile ? [container.resolve(RECONCILER)] : [];
  return [
    container.resolve(USAGE_STATS),
    container.resolve(MODEL_SPEEDS),
    ...resolveList(container, STAT_SINK),
    ...reconciling,
  ];
}

/** Asks also while the pipeline closes. */
function askForUsage(container: DependencyContainer): ReconcilerParts['ask'] {
  return async ({ provider: id, responseId = '' }) => {
    const account = container.resolve(PROVIDERS).find(id)?.account;
    const usage = (await account?.lookup?.(responseId, connectionOf(container)))?.usage;
    const wrong = new WrongNumbers();
    const sound = usage && soundUsage(usage, wrong.reject);
    const warning = wrong.warning(`The provider "${id}"`);
    if (warning !== undefined) container.resolve(LOGGER).warn(warning);
    return sound;
  };
}

/** Returns a connection over the pipeline's transport for questions beside generations. */
function connectionOf(container: DependencyContainer): Connection {
  const transport = container.resolve(TRANSPORT);
  return questionConnection((wire, signal) => transport.open(wire, signal, SILENT_MONITOR), container.resolve(CLOCK));
}
