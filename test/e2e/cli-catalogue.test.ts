import { afterAll, describe, expect, it } from '@jest/globals';
import { anEmulator, cleanUp, cli, to } from './run-cli.js';

afterAll(cleanUp);

/** Nothing listens on this port. */
const NOWHERE = { OPENROUTER_BASE_URL: 'http://127.0.0.1:9/api/v1' };
const WIDE = { id: 'x/wide', context_length: 200_000, pricing: { prompt: '0.000000091', completion: '0.000000182' } };
const FREE = { id: 'x/free', context_length: 64_000, pricing: { prompt: '0', completion: '0' } };
const SMALL = { id: 'x/small:free', context_length: 8_192, pricing: { prompt: '0', completion: '0' } };

const ids = (stdout: string): string[] =>
  stdout
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(' ')[0] ?? '');

describe('scriptorium models', () => {
  it('lists the models in columns, without a key', async () => {
    const emulator = await anEmulator({ apiKey: 'sk-or-v1-e2e', catalogue: [WIDE] });
    const { code, stdout, stderr } = await cli(['models', 'x/'], { env: { OPENROUTER_BASE_URL: emulator.url } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      'id      context  output  in $/M  out $/M  capabilities',
      'x/wide     200k       –   0.091    0.182',
      '',
    ]);
  });

  it('keeps the free ones with the context that is wanted', async () => {
    const emulator = await anEmulator({ catalogue: [SMALL, WIDE, FREE] });
    const { stdout } = await cli(['models', 'x/', '--free', '--min-context', '32000'], { env: to(emulator) });
    expect(ids(stdout)).toEqual(['x/free']);
  });

  it.each([
    ['price', ['x/small:free', 'x/free', 'x/wide']],
    ['context', ['x/wide', 'x/free', 'x/small:free']],
    ['name', ['x/free', 'x/small:free', 'x/wide']],
  ] as const)('sorts them by %s', async (sort, order) => {
    const emulator = await anEmulator({ catalogue: [WIDE, SMALL, FREE] });
    const { stdout } = await cli(['models', 'x/', '--sort', sort], { env: to(emulator) });
    expect(ids(stdout)).toEqual(order);
  });

  it('prints them as JSON, with the exact prices and where they come from', async () => {
    const emulator = await anEmulator({ catalogue: [WIDE] });
    const { stdout } = await cli(['models', 'x/', '--json'], { env: to(emulator) });
    expect(JSON.parse(stdout)).toMatchObject([
      {
        id: 'x/wide',
        contextLength: 200_000,
        isFree: false,
        price: { prompt: '0.000000091', completion: '0.000000182' },
        source: 'live',
      },
    ]);
  });

  it('shows the list that came with the package where there is no network, and says so beside the table', async () => {
    const { code, stdout, stderr } = await cli(['models', '--free', '--min-context', '32000', '--sort', 'price'], {
      env: NOWHERE,
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(/came with the package,\nas of 20\d\d-\d\d-\d\d; prices may have changed/);
    expect(ids(stdout)).toContain('openrouter/free');
    expect(
      stdout
        .split('\n')
        .slice(1, -1)
        .every((line) => / free +free/.test(line)),
    ).toBe(true);
  });

  it('sends nothing where it is told to', async () => {
    const emulator = await anEmulator({ catalogue: [WIDE] });
    const { stdout, stderr } = await cli(['models', '--offline', '--json'], { env: to(emulator) });
    expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ id: 'openai/gpt-5-mini', source: 'snapshot' }));
    expect([emulator.lookUps, stderr]).toEqual([[], expect.stringContaining('came with the package')]);
  });

  it('says that none fits', async () => {
    const { code, stdout, stderr } = await cli(['models', 'no-such-model', '--offline'], { env: NOWHERE });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/No model fits; there are \d+ in all\.\n$/);
  });

  it('refuses an order that it does not know', async () => {
    expect(await cli(['models', '--sort', 'colour'], { env: NOWHERE })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('price, context, name'),
    });
  });
});

describe('scriptorium key', () => {
  it("prints what is left of the key's limits and of the free quota", async () => {
    const key = {
      label: 'sk-or-v1-abc',
      limit: 10,
      limit_reset: 'monthly',
      limit_remaining: 7.5,
      usage: 2.5,
      usage_daily: 0.5,
      usage_weekly: 1,
      usage_monthly: 2.5,
      is_free_tier: true,
      expires_at: '2027-01-01T00:00:00Z',
    };
    const emulator = await anEmulator({ key, freeModelDailyRequests: { used: 12, limit: 50 } });
    const { code, stdout, stderr } = await cli(['key'], { env: to(emulator) });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      'key            sk-or-v1-abc',
      'kind           free tier: no credit was ever bought',
      'spent          $2.50 ($0.50 today, $1.00 this week, $2.50 this month)',
      'limit          $7.50 left of $10.00, monthly',
      'free requests  38 left of 50 today (12 used; the day ends at 00:00 UTC)',
      'expires        2027-01-01T00:00:00Z',
      '',
    ]);
  });

  it('prints one JSON object', async () => {
    const emulator = await anEmulator({ freeModelDailyRequests: { used: 12, limit: 50 } });
    const { stdout } = await cli(['key', '--json'], { env: to(emulator) });
    expect(JSON.parse(stdout)).toMatchObject({
      label: 'sk-or-v1-emulated',
      dailyRequests: { used: 12, limit: 50, remaining: 38 },
    });
  });

  it('needs a key, and says of a wrong one what to do, without showing it', async () => {
    expect(await cli(['key'], { env: NOWHERE })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('OPENROUTER_API_KEY'),
    });
    const emulator = await anEmulator({ apiKey: 'sk-or-v1-e2e' });
    const { code, stdout, stderr } = await cli(['key'], {
      env: { ...to(emulator), OPENROUTER_API_KEY: 'sk-or-v1-canary' },
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('OPENROUTER_API_KEY');
    expect(stderr).not.toContain('canary');
  });
});
