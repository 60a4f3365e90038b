// The same as consumer.ts in plain JavaScript, where decorators are called as the functions they are.
import { createContainer, createPipeline, inject, injectable } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { startEmulator } from 'scriptorium/testing';

class Diary {
  entries = [];
}

class Listener {
  name = 'listener';
  phase = 'observe';

  constructor(diary) {
    this.diary = diary;
  }

  intercept(request, next) {
    this.diary.entries.push(this.name);
    return next(request);
  }
}
inject(Diary)(Listener, undefined, 0);
injectable()(Listener);

const diary = new Diary();
const application = createContainer().registerInstance(Diary, diary);

const stamp = {
  name: 'stamp',
  phase: 'prepare',
  intercept: (request, next) => {
    diary.entries.push('stamp');
    return next({ ...request, headers: { ...request.headers, 'x-stamp': 'yes' } });
  },
};

const emulator = await startEmulator({ words: 20 });
const pipeline = await createPipeline({
  plugins: [openrouter({ apiKey: 'k', baseUrl: emulator.url })],
  interceptors: [stamp, Listener],
  container: application,
  config: { defaults: { model: 'scriptorium/exact' }, logging: { level: 'silent' } },
});
const { text, usage } = await pipeline.generate({ prompt: 'Begin.' });
const own = pipeline
  .describe()
  .map(({ name }) => name)
  .filter((name) => name === 'stamp' || name === 'listener');
await pipeline.dispose();
await emulator.close();
console.log(
  JSON.stringify({
    words: text.split(' ').length,
    source: usage.source,
    ran: diary.entries,
    described: own,
    stamp: emulator.requests[0]?.headers['x-stamp'],
  }),
);
