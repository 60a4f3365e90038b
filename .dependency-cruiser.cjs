// The layers of src and plugins. Each rule reads: files under `from` must not import `to`.
const forbid = (name, from, to) => ({ name, severity: 'error', from: { path: from }, to: { path: to } });
/** `package_` may be imported only by files under `home`. */
const onlyIn = (package_, home) => ({
  name: `${package_}-only-in-${home.replace('/', '-')}`,
  severity: 'error',
  from: { path: '^(src|plugins)', pathNot: `^src/${home}/` },
  to: { path: `node_modules/${package_}/` },
});

/**
 * What each room of `src/` may import beside itself; nothing else. The public entries (`src/*.ts`) may import any of them.
 * A room that is not listed fails `test/layers`.
 */
const ROOMS = {
  core: [],
  config: ['core'],
  'chain/observe': ['core'],
  'chain/prepare': ['core'],
  'chain/cache': ['core'],
  'chain/continue': ['core', 'chain/recover'],
  'chain/route': ['core'],
  'chain/recover': ['core', 'chain/admit'],
  'chain/admit': ['core', 'files'],
  'chain/attempt': ['core'],
  transport: ['core'],
  providers: ['core', 'transport'],
  chat: ['core', 'input', 'providers'],
  stats: ['core'],
  logging: ['core', 'shown'],
  input: ['core', 'config'],
  composites: ['core', 'config', 'input'],
  pipeline: ['core', 'config', 'input', 'composites', 'stats'],
  'plugin-api': ['core', 'config', 'pipeline'],
  assembly: ['core', 'config', 'chain', 'transport', 'providers', 'stats', 'logging', 'pipeline', 'plugin-api'],
  'testing/simulation': ['core', 'config', 'assembly', 'pipeline', 'plugin-api', 'transport', 'emulator', 'testing'],
  testing: ['core', 'config', 'transport', 'plugin-api'],
  emulator: [],
  files: [],
  shown: [],
};
/** A room within a room has a rule of its own. */
const within = (room) => {
  const inner = Object.keys(ROOMS).filter((other) => other.startsWith(`${room}/`));
  return inner.length === 0
    ? `^src/${room}/`
    : `^src/${room}/(?!(${inner.map((other) => other.slice(room.length + 1)).join('|')})/)`;
};
const roomRule = ([room, allowed]) =>
  forbid(`layer-of-${room.replace('/', '-')}`, within(room), `^(src/(?!(${[room, ...allowed].join('|')})/)|plugins/)`);

/** Algorithms without libraries and without a clock: they are given what they need. */
const PURE =
  '^src/(core/(money|price|util/(calendar|recent-quantile))|chain/(admit/(circuit|day-record|interval|narrowed-budget|prompt-measure|recent-uses|strictest-limits|use-log|window)|recover/backoff|route/route-order|continue/(instruction|repeated-paragraph|splice/[^/]+)))\\.ts$';

module.exports = {
  forbidden: [
    { name: 'every-import-is-found', severity: 'error', from: {}, to: { couldNotResolve: true } },
    // The package imports itself by name: `tsconfig.layers.json` leads such imports to the sources, where these rules look.
    {
      name: 'nobody-imports-what-was-built',
      severity: 'error',
      from: { path: '^(src|plugins)/' },
      to: { path: '^dist/' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    ...Object.entries(ROOMS).map(roomRule),
    {
      name: 'pure-files-use-no-library',
      severity: 'error',
      from: { path: PURE },
      to: { path: ['node_modules', '^src/core/(clock|util/(wait|within-time|fail-after))'] },
    },
    {
      name: 'plugins-use-the-public-api',
      severity: 'error',
      from: { path: '^plugins/' },
      to: { path: '^src/', pathNot: '^src/(index|plugin|provider|testing)\\.ts$' },
    },
    {
      name: 'plugins-do-not-import-each-other',
      severity: 'error',
      from: { path: '^plugins/([^/]+)/', pathNot: '^plugins/(postgres|bullmq|book)/' },
      to: { path: '^plugins/', pathNot: '^plugins/$1/' },
    },
    {
      name: 'what-is-built-on-runs-uses-what-runs-exports',
      severity: 'error',
      from: { path: '^plugins/(postgres|bullmq|book)/' },
      to: { path: '^plugins/', pathNot: '^plugins/($1/|runs/((testing|progress)/)?index\\.ts$)' },
    },
    {
      name: 'bookgen-is-a-user-of-the-pipeline',
      severity: 'error',
      from: { path: '^src/bookgen/' },
      to: {
        path: '^(src|plugins)/',
        pathNot: '^(src/(core|config|input|pipeline|assembly|stats|bookgen)/|plugins/openrouter/)',
      },
    },
    {
      name: 'cli-is-a-user',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: {
        path: '^(src|plugins)/',
        pathNot: '^(src/(index\\.ts|emulator/|files/|shown/|cli/)|plugins/[^/]+/index\\.ts)',
      },
    },
    {
      name: 'the-cli-is-an-end',
      severity: 'error',
      from: { path: '^(src/(?!cli/)|plugins/)' },
      to: { path: '^src/cli/' },
    },
    onlyIn('tsyringe', 'assembly'),
    onlyIn('reflect-metadata', 'assembly'),
    onlyIn('node-fetch', 'transport'),
    onlyIn('eventsource-parser', 'transport'),
    onlyIn('winston', 'logging'),
    onlyIn('convict', 'config'),
    onlyIn('lru-cache', 'chain/cache'),
    onlyIn('commander', 'cli'),
    onlyIn('ora', 'cli'),
    {
      name: 'prom-client-only-in-its-plugin',
      severity: 'error',
      from: { path: '^(src|plugins)', pathNot: '^plugins/prometheus/' },
      to: { path: 'node_modules/prom-client/' },
    },
    {
      name: 'uplot-only-in-the-ledger',
      severity: 'error',
      from: { path: '^(src|plugins)', pathNot: '^plugins/ledger/' },
      to: { path: 'node_modules/uplot/' },
    },
    {
      name: 'libsql-only-in-the-ledger-and-runs',
      severity: 'error',
      from: { path: '^(src|plugins)', pathNot: '^plugins/(ledger|runs)/' },
      to: { path: 'node_modules/libsql/' },
    },
    {
      name: 'pg-only-in-postgres',
      severity: 'error',
      from: { path: '^(src|plugins)', pathNot: '^plugins/(postgres|bullmq)/' },
      to: { path: 'node_modules/(pg|@types/pg)/' },
    },
    {
      name: 'ioredis-only-in-redis',
      severity: 'error',
      from: { path: '^(src|plugins)', pathNot: '^plugins/(redis|bullmq)/' },
      to: { path: 'node_modules/ioredis/' },
    },
    {
      name: 'bullmq-only-in-its-plugin',
      severity: 'error',
      from: { path: '^(src|plugins)', pathNot: '^plugins/bullmq/' },
      to: { path: 'node_modules/bullmq/' },
    },
    {
      name: 'bookbinding-only-in-the-book',
      severity: 'error',
      from: { path: '^(src|plugins)', pathNot: '^plugins/book/' },
      to: { path: 'node_modules/(@lesjoursfr/html-to-epub|docx|marked)/' },
    },
    {
      name: 'fastify-only-in-the-gateway',
      severity: 'error',
      from: { path: '^(src|plugins)', pathNot: '^plugins/gateway/' },
      to: { path: 'node_modules/(fastify|@fastify)/' },
    },
    {
      name: 'undici-only-in-its-plugin',
      severity: 'error',
      from: { path: '^(src|plugins)', pathNot: '^plugins/undici/' },
      to: { path: 'node_modules/undici/' },
    },
    {
      name: 'opentelemetry-only-in-its-plugin',
      severity: 'error',
      from: { path: '^(src|plugins)', pathNot: '^plugins/opentelemetry/' },
      to: { path: 'node_modules/@opentelemetry/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.layers.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
