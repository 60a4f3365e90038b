/** What may take the place of a setting, by the end of its path. */
const HINTS: Readonly<Record<string, string>> = {
  master_key: 'Make keys for clients with: scriptorium gateway key',
  database_url: 'Keys and budgets of clients are in the state store; runs are in plugins.runs.journal.',
  routing_strategy: 'See routes: "cheapest" or "fastest" with routing.models.',
  allowed_fails: 'See breaker.failureRate and breaker.minimumCalls.',
  redis_host: 'Set plugins.redis.url to share limits between processes.',
  redis_port: 'See plugins.redis.url.',
  redis_password: 'See plugins.redis.url.',
  redis_url: 'Set plugins.redis.url to share limits between processes.',
  max_budget: 'See budget.processUsd and budget.dayUsd.',
  budget_duration: 'See budget.dayUsd.',
  cache: 'See cache.enabled.',
  set_verbose: 'See logging.level.',
  json_logs: 'See logging.format.',
  success_callback: 'See the plugins opentelemetry, prometheus and ledger.',
  callbacks: 'See the plugins opentelemetry, prometheus and ledger.',
  input_cost_per_token: 'Prices come from the catalogue of the provider.',
  output_cost_per_token: 'Prices come from the catalogue of the provider.',
  api_base: 'Set baseUrl of the plugin to the value of the variable.',
};

/** A hint with a blank before it, or nothing. */
export function hintFor(path: string): string {
  const words = path.split('.').filter((word) => !/^\d+$/.test(word));
  const hint = HINTS[words.at(-1) ?? ''];
  return hint === undefined ? '' : ` ${hint}`;
}
