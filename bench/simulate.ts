// Every scenario of test/simulation with many seeds, on all cores: what they came to, what they met, and every violation.
// `npm run simulate -- --scenario storm --seeds 1..200 --days 30 --size 1 [--trace] [--shrink] [--check-determinism]`
import { SCENARIOS } from '../test/simulation/scenarios/index.js';
import { readArguments, UsageError } from './simulate/arguments.js';
import { runAll } from './simulate/run-all.js';
import { traceOne } from './simulate/trace-one.js';

async function main(): Promise<boolean> {
  const options = readArguments(
    process.argv.slice(2),
    SCENARIOS.map(({ name }) => name),
  );
  const chosen = SCENARIOS.filter(({ name }) => options.scenarios.includes(name));
  const [first] = chosen;
  return options.isTraced && first !== undefined ? traceOne(options, first) : runAll(options, chosen);
}

process.stdout.on('error', () => process.exit(1)); // A reader such as `head` has left.
try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
