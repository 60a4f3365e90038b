import { isDeepStrictEqual } from 'node:util';
import { from } from 'rxjs';
import type { Handler } from '../../core/interceptor.js';
import type { GenerationRequest } from '../../core/request.js';
import { must } from '../must.js';
import type { InterceptorScene } from './scene.js';
import { ANSWER, STRANGE } from './told.js';

/** The request is not frozen here, so that all that is changed is seen. */
export async function copiesTheRequest(scene: InterceptorScene): Promise<void> {
  const before = structuredClone(contentOf(scene.request));
  const mutable = { ...scene.request };
  await runAlone(scene, mutable, scene.inner.handler);
  const changed = changedKeys(before, structuredClone(contentOf(mutable)));
  must(
    changed.length === 0,
    `It has changed the request that it was given (${changed.join(', ')}), which others hold too. Copy it to change it: next({ ...request, ${changed[0] ?? ''}: … }).`,
  );
}

/** Nor are the events: elsewhere they are, and who changes one throws. */
export async function copiesTheEvents(scene: InterceptorScene): Promise<void> {
  const before = [...STRANGE, ...ANSWER];
  const mutable = JSON.parse(JSON.stringify(before)) as typeof before;
  await runAlone(scene, { ...scene.request }, () => from(mutable));
  for (const [index, event] of before.entries()) {
    const changed = changedKeys({ ...event }, { ...mutable[index] });
    must(
      changed.length === 0,
      `It changes an event that others get too, of the type "${event.type}" (${changed.join(', ')}); copy it to change it: map((event) => ({ ...event, ${changed[0] ?? ''}: … })).`,
    );
  }
}

/** Without a chain around it, which would freeze what it is given. */
async function runAlone(
  { definition, settle }: InterceptorScene,
  request: GenerationRequest,
  next: Handler,
): Promise<void> {
  const subscription = definition.intercept(request, next).subscribe({ error: () => undefined });
  await settle();
  subscription.unsubscribe();
}

type Content = Readonly<Record<string, unknown>>;

function contentOf({ context: _context, signal: _signal, ...content }: GenerationRequest): Content {
  return content;
}

function changedKeys(before: Content, after: Content): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => !isDeepStrictEqual(before[key], after[key]),
  );
}
