import { afterAll, expect, it } from '@jest/globals';
import { aFolder, cleanUp, cli } from './run-cli.js';

afterAll(cleanUp);

const CONFIG = `
model_list:
  - model_name: book
    litellm_params: { model: openrouter/scriptorium/exact, api_key: os.environ/OPENROUTER_API_KEY, rpm: 20 }
general_settings: { master_key: sk-1234 }
`;

it("prints a configuration of LiteLLM's as one of its own, which it takes", async () => {
  const folder = aFolder({ 'config.yaml': CONFIG });
  const imported = await cli(['import', 'litellm', 'config.yaml'], { folder });
  expect({ code: imported.code, stderr: imported.stderr }).toEqual({
    code: 0,
    stderr: 'general_settings.master_key has no counterpart. Make keys for clients with: scriptorium gateway key\n',
  });
  const own = aFolder({ 'c.json': imported.stdout });
  const shown = await cli(['config', '-c', 'c.json'], { folder: own, env: { OPENROUTER_API_KEY: 'sk-or-v1-import' } });
  expect(shown.stdout).toMatch(/rateLimit\.requestsPerMinute +20/);
});

it('says what is wrong with a file that is not one of LiteLLM', async () => {
  const folder = aFolder({ 'config.yaml': 'model_list: [' });
  const { code, stderr } = await cli(['import', 'litellm', 'config.yaml'], { folder });
  expect({ code, isNamed: /Cannot read .*config\.yaml as YAML/.test(stderr) }).toEqual({ code: 2, isNamed: true });
});
