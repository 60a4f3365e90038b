// The layers of src and plugins. Each rule reads: files under `from` must not import `to`.
const forbid = (name, from, to) => ({ name, severity: 'error', from: { path: from }, to: { path: to } });
/** `package_` may be imported only by files under `home`. */
const onlyIn = (package_, home) => ({
  name: `${package_}-only-in-${home}`, severity: 'error',
  from: { path: '^(src|plugins)', pathNot: `^src/${home}/` }, to: { path: `node_modules/${package_}/` },
});

module.exports = {
  forbidden: [
    { name: 'every-import-is-found', severity: 'error', from: {}, to: { couldNotResolve: true } },
    // The package imports itself by name: `tsconfig.layers.json` leads such imports to the sources, where these rules look.
    { name: 'nobody-imports-what-was-built', severity: 'error', from: { path: '^(src|plugins)/' }, to: { path: '^dist/' } },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    forbid('core-is-pure', '^src/core/', '^(src/(?!core/)|plugins/)'),
    forbid('policies-are-pure', '^src/policies/', '^(src/(?!policies/)|plugins/)'),
    { name: 'policies-use-no-library', severity: 'error', from: { path: '^src/policies/' }, to: { path: 'node_modules' } },
    forbid('interceptors-know-core-and-policies', '^src/interceptors/', '^(src/(?!core/|policies/|interceptors/)|plugins/)'),
    forbid('admission-knows-core-and-policies', '^src/admission/', '^(src/(?!core/|policies/|admission/)|plugins/)'),
    forbid('limiter-knows-admission', '^src/limiter/', '^(src/(?!core/|policies/|admission/|limiter/)|plugins/)'),
    forbid('stores-know-core-and-policies', '^src/stores/', '^(src/(?!core/|policies/|stores/)|plugins/)'),
    forbid('transport-knows-core', '^src/transport/', '^(src/(?!core/|transport/)|plugins/)'),
    forbid('providers-know-core-and-transport', '^src/providers/', '^(src/(?!core/|policies/|transport/|providers/)|plugins/)'),
    forbid('stats-know-core', '^src/stats/', '^(src/(?!core/|policies/|stats/)|plugins/)'),
    forbid('logging-knows-core', '^src/logging/', '^(src/(?!core/|logging/)|plugins/)'),
    forbid('config-knows-core', '^src/config/', '^(src/(?!core/|config/)|plugins/)'),
    forbid('emulator-stands-alone', '^src/emulator/', '^(src/(?!emulator/)|plugins/)'),
    { name: 'plugins-use-the-public-api', severity: 'error', from: { path: '^plugins/' }, to: { path: '^src/', pathNot: '^src/plugin\\.ts$' } },
    { name: 'plugins-do-not-import-each-other', severity: 'error', from: { path: '^plugins/([^/]+)/' }, to: { path: '^plugins/', pathNot: '^plugins/$1/' } },
    { name: 'clients-know-the-pipeline', severity: 'error', from: { path: '^src/clients/' }, to: { path: '^(src|plugins)/', pathNot: '^(src/(core|config|pipeline|stats|clients)/|plugins/openrouter/)' } },
    { name: 'cli-is-a-user', severity: 'error', from: { path: '^src/cli/' }, to: { path: '^(src|plugins)/', pathNot: '^(src/(index\\.ts|emulator/|cli/)|plugins/[^/]+/index\\.ts)' } },
    { name: 'the-cli-is-an-end', severity: 'error', from: { path: '^(src/(?!cli/)|plugins/)' }, to: { path: '^src/cli/' } },
    onlyIn('tsyringe', 'container'), onlyIn('reflect-metadata', 'container'), onlyIn('node-fetch', 'transport'),
    onlyIn('eventsource-parser', 'transport'), onlyIn('winston', 'logging'), onlyIn('convict', 'config'),
    onlyIn('lru-cache', 'stores'), onlyIn('commander', 'cli'), onlyIn('ora', 'cli'),
    { name: 'prom-client-only-in-its-plugin', severity: 'error', from: { path: '^(src|plugins)', pathNot: '^plugins/prometheus/' }, to: { path: 'node_modules/prom-client/' } },
    { name: 'libsql-and-uplot-only-in-the-ledger', severity: 'error', from: { path: '^(src|plugins)', pathNot: '^plugins/ledger/' }, to: { path: 'node_modules/(libsql|uplot)/' } },
    { name: 'undici-only-in-its-plugin', severity: 'error', from: { path: '^(src|plugins)', pathNot: '^plugins/undici/' }, to: { path: 'node_modules/undici/' } },
    { name: 'opentelemetry-only-in-its-plugin', severity: 'error', from: { path: '^(src|plugins)', pathNot: '^plugins/opentelemetry/' }, to: { path: 'node_modules/@opentelemetry/' } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.layers.json' }, tsPreCompilationDeps: true, doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
