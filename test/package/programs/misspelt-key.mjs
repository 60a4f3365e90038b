import { createPipeline } from 'scriptorium';
import { definePlugin, whole } from 'scriptorium/plugin';
import { openrouter } from 'scriptorium/plugins/openrouter';

let isSetUp = false;
const margins = definePlugin({
  name: 'margins',
  apiVersion: 1,
  config: { lineLength: { doc: 'Characters in a line', format: whole(1), default: 80 } },
  setup: () => {
    isSetUp = true;
  },
});
const refusal = await createPipeline({
  plugins: [openrouter({ apiKey: 'k' }), margins],
  config: { plugins: { margins: { lineLenght: 60 } } },
}).then(
  () => undefined,
  (error) => error,
);
console.log(JSON.stringify({ name: refusal?.name, code: refusal?.code, message: refusal?.message, isSetUp }));
