import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { measured } from './measured.js';
import { hasPromtool, namesIn, promtool, samplesIn } from './samples.js';

const FOLDER = 'plugins/prometheus';
const ALERTS = `${FOLDER}/alerts.yml`;

interface Dashboard {
  readonly panels: readonly {
    readonly id: number;
    readonly type: string;
    readonly title: string;
    readonly description?: string;
    readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
  }[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
}

const dashboard = JSON.parse(readFileSync(`${FOLDER}/grafana-dashboard.json`, 'utf8')) as Dashboard;
const targets = dashboard.panels.flatMap((panel) => panel.targets ?? []);
const expressions = targets.map(({ expr }) => expr);
const variables = JSON.stringify(dashboard.templating);
const alerts = [...readFileSync(ALERTS, 'utf8').matchAll(/^ +expr: (.+)$/gm)].map(([, expression = '']) => expression);

/** What the plugin exposes after one generation that was retried. */
async function exposed(): Promise<string> {
  const { plugin, pipeline, emulator } = await measured();
  emulator.script({ status: 503 });
  await pipeline.generate({ prompt: 'Begin.' });
  return plugin.metrics();
}

const metricsOf = (texts: readonly string[]): readonly string[] => [
  ...new Set(texts.flatMap((text) => text.match(/scriptorium_[a-z_]+/g) ?? [])),
];

describe('the dashboard, the alerts and the README', () => {
  it('know only metrics that the plugin exposes', async () => {
    const names = namesIn(await exposed());
    const unknown = (texts: readonly string[]): readonly string[] =>
      metricsOf(texts).filter((name) => !names.has(name));
    expect(expressions.length).toBeGreaterThan(20);
    expect(alerts.length).toBeGreaterThan(5);
    expect({ dashboard: unknown([...expressions, variables]), alerts: unknown(alerts) }).toEqual({
      dashboard: [],
      alerts: [],
    });
  });

  it('know all of them', async () => {
    const families = [...(await exposed()).matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name);
    const isIn =
      (texts: readonly string[]) =>
      (family: string): boolean =>
        metricsOf(texts).some((name) => name.replace(/_(bucket|count|sum)$/, '') === family);
    expect(families.filter((family) => !isIn(expressions)(family))).toEqual([]);
    expect(families.filter((family) => !isIn([readFileSync(`${FOLDER}/README.md`, 'utf8')])(family))).toEqual([]);
  });

  it('describe every panel, add the cost up, and can be limited to any label', () => {
    const panels = dashboard.panels.filter(({ type }) => type !== 'row');
    expect(panels.filter(({ description = '' }) => description === '').map(({ title }) => title)).toEqual([]);
    expect(panels.map(({ title }) => title)).toContain('Cost so far');
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    expect(dashboard.templating.list).toContainEqual(expect.objectContaining({ type: 'adhoc', label: 'label' }));
  });

  it('know only labels that there are', async () => {
    const labels = new Set([
      ...samplesIn(await exposed()).flatMap((sample) => Object.keys(sample.labels)),
      'error_code',
      'reason',
    ]);
    const named = [...expressions, ...alerts].flatMap((expression) => [
      ...[...expression.matchAll(/by \(([^)]+)\)/g)].flatMap(([, names = '']) =>
        names.split(',').map((name) => name.trim()),
      ),
      ...[...expression.matchAll(/(\w+)=~?"/g)].map(([, name = '']) => name),
    ]);
    const shown = [...targets.map(({ legendFormat }) => legendFormat), readFileSync(ALERTS, 'utf8')].flatMap((text) =>
      [...text.matchAll(/\{\{ ?(?:\$labels\.)?(\w+)/g)].map(([, name = '']) => name),
    );
    expect(named.length).toBeGreaterThan(0);
    expect([...new Set([...named, ...shown])].filter((name) => !labels.has(name))).toEqual([]);
  });

  (hasPromtool ? it : it.skip)('hold rules and queries that promtool can read', () => {
    const checked = promtool(['check', 'rules', '--lint-fatal', ALERTS]);
    expect(checked).toMatchObject({ status: 0 });
    expect(checked.output).toContain(`SUCCESS: ${alerts.length} rules found`);

    // promtool reads queries only as rules: each becomes one, with Grafana's variables filled in.
    const filledIn = expressions.map((expression) =>
      expression
        .replaceAll('$__rate_interval', '5m')
        .replaceAll('$__range', '1h')
        .replaceAll(/\$(provider|model)\b/g, '.*'),
    );
    const rules = filledIn.map((expr, index) => ({ record: `panel:${index}`, expr }));
    const file = join(mkdtempSync(join(tmpdir(), 'dashboard-')), 'rules.yml');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    expect(promtool(['check', 'rules', file])).toMatchObject({ status: 0 });
  });
});
