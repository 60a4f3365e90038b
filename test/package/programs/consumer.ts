// An application: a function and a class as interceptors, the class with a service of the application's own container.
import { createContainer, createPipeline, inject, injectable } from 'scriptorium';
import type { GenerationRequest, Handler, InterceptorDefinition } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { startEmulator } from 'scriptorium/testing';

/** The application's service: notes who was called. */
class Diary {
  readonly entries: string[] = [];
}

@injectable()
class Listener implements InterceptorDefinition {
  readonly name = 'listener';
  readonly phase = 'observe';

  constructor(@inject(Diary) private readonly diary: Diary) {}

  intercept(request: GenerationRequest, next: Handler): ReturnType<Handler> {
    this.diary.entries.push(this.name);
    return next(request);
  }
}

const diary = new Diary();
const application = createContainer().registerInstance(Diary, diary);

const stamp: InterceptorDefinition = {
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
  // The inner one first: the phases decide.
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
