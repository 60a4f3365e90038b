import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  describeBreakers,
  describeCacheStore,
  describeLimitStore,
  describeRetryBudgets,
  describeSlots,
  describeSpending,
  describeStateStore,
} from 'scriptorium/testing';
import { localBreakers } from '../../../src/chain/admit/breaker.js';
import { localLimits } from '../../../src/chain/admit/local-limits.js';
import { localSpending } from '../../../src/chain/admit/local-spending.js';
import { localSlots } from '../../../src/chain/admit/slots.js';
import { fileStateStore, memoryStateStore } from '../../../src/chain/admit/state-store.js';
import { memoryCacheStore } from '../../../src/chain/cache/cache.js';
import { localRetryBudgets } from '../../../src/chain/recover/retry-budget.js';

// One process has one object of each, which stands for both.
describeSlots('of one process', ({ clock, most }) => localSlots(clock, most));
describeBreakers('of one process', ({ clock, random, settings }) => localBreakers(clock, random, settings));
describeRetryBudgets('of one process', ({ clock, settings }) => localRetryBudgets(clock, settings));
describeLimitStore('of one process', ({ clock, skewMs }) =>
  localLimits({ clock, skewMs, store: memoryStateStore(), process: undefined }),
);
describeCacheStore('in memory', () => memoryCacheStore(100));
describeStateStore('in memory', () => memoryStateStore());

// Processes that share a state store share the kept budgets.
describeSpending('of two processes over one state store', ({ clock, random }) => {
  const store = memoryStateStore();
  return [localSpending({ clock, random, store }), localSpending({ clock, random, store })];
});
describeStateStore('in a file of two processes', ({ onEnd }) => {
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-state-'));
  onEnd(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'state.json');
  return [fileStateStore(path), fileStateStore(path)];
});
