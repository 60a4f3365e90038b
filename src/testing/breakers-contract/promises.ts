import type { Breakers } from '../../core/ports.js';
import { must, said } from '../must.js';
import { admittedOf } from '../port-contract/caller.js';
import type { PortCheck } from '../port-contract/scene.js';
import { PROBES } from './probes.js';
import { admittedNow, by, call, callsWith, open, SETTINGS } from './scene.js';
import type { BreakersWorld } from './scene.js';

const OPENING = {
  'admits calls at once while closed': by(async (scene) => {
    const caller = call(scene.first);
    await scene.quiet();
    must(caller.waits.length === 0, `A caller was told to wait before a closed breaker: ${said(caller.waits)}.`);
    must(caller.lease.isValid() && !caller.lease.isProbe, 'A pass of a closed breaker must be valid, and not a probe.');
  }),
  'opens when the failure rate is reached, over the calls of all processes': by(async (scene) => {
    await callsWith(scene, ['success', 'failure', 'failure']);
    must((await admittedNow(scene)) === 2, `It is open after 3 calls; the rate counts from ${SETTINGS.minimumCalls}.`);
    await callsWith(scene, ['success']);
    must(
      (await admittedNow(scene)) === 0,
      'Two of four calls of two processes have failed, and the breaker is not open in both.',
    );
  }),
  'opens after connection failures in a row, over the calls of all processes': by(async (scene) => {
    await callsWith(scene, ['connection-failure', 'connection-failure']);
    must((await admittedNow(scene)) === 2, 'It is open after 2 connection failures; it opens after 3 in a row.');
    await callsWith(scene, ['connection-failure']);
    must((await admittedNow(scene)) === 0, 'Three calls in a row found no connection, and the breaker is not open.');
  }),
  'begins the row of connection failures anew after another result': by(async (scene) => {
    await callsWith(scene, ['success', 'success', 'success']);
    await callsWith(scene, ['connection-failure', 'connection-failure', 'success', 'connection-failure']);
    must((await admittedNow(scene)) === 2, 'It is open although connection failures were not in a row.');
  }),
  'does not count neutral results, nor passes that were released': by(async (scene) => {
    for (let count = 0; count < SETTINGS.minimumCalls; count += 1) {
      const caller = call(scene.first);
      await scene.quiet();
      if (count % 2 === 0) caller.lease.record('neutral');
      else caller.lease.release();
    }
    await callsWith(scene, ['failure', 'failure', 'failure']);
    must((await admittedNow(scene)) === 2, 'It is open after 3 results that count; the others were neutral.');
  }),
  'counts the first result of a call only': by(async (scene) => {
    const caller = call(scene.first);
    await scene.quiet();
    for (let time = 0; time < SETTINGS.minimumCalls; time += 1) caller.lease.record('failure');
    await scene.quiet();
    must((await admittedNow(scene)) === 2, 'One call, whose failure was recorded four times, has opened it.');
  }),
  'forgets calls that are older than its window': by(async (scene) => {
    await callsWith(scene, ['failure', 'failure', 'failure']);
    await scene.pass(SETTINGS.windowMs + 1);
    await callsWith(scene, ['failure']);
    must((await admittedNow(scene)) === 2, 'It is open by failures that are older than its window.');
  }),
  'keeps each key for itself': by(async (scene) => {
    await open(scene);
    const other = call(scene.second, 'b');
    await scene.quiet();
    must(other.isAdmitted && !scene.second.isOpen('b'), 'The breaker of one key has opened that of another.');
  }),
} as const;

const OPEN = {
  'withdraws the passes of all processes when it opens': by(async (scene) => {
    const passes = [call(scene.first), call(scene.second)];
    await scene.quiet();
    must(
      passes.every(({ lease }) => lease.isValid()),
      'A pass of a closed breaker is not valid.',
    );
    await open(scene);
    const valid = passes.filter(({ lease }) => lease.isValid()).length;
    must(valid === 0, `The breaker has opened, and ${valid} of 2 earlier passes are still valid.`);
  }),
  'ignores the results of calls that began before it opened': by(async (scene) => {
    const early = call(scene.first);
    await scene.quiet();
    await open(scene);
    early.lease.record('success');
    await scene.quiet();
    must((await admittedNow(scene)) === 0, 'The result of a call from before the opening has closed the breaker.');
  }),
  'reports until when callers wait, and that it is open, in all processes': by(async (scene) => {
    await open(scene);
    const openedAt = scene.clock.now();
    const callers = [call(scene.first), call(scene.second)];
    await scene.quiet();
    must(admittedOf(callers) === 0, 'An open breaker has admitted a call.');
    for (const { waits } of callers) {
      const ms = (waits[0]?.untilMs ?? NaN) - openedAt;
      must(
        waits.length === 1 && waits[0]?.for === 'breaker' && ms >= SETTINGS.openMs && ms <= SETTINGS.openMs * 1.1 + 1,
        `A caller before an open breaker was told ${said(waits)}; it must be told once, for 'breaker', until ${SETTINGS.openMs} ms from now, or up to a tenth later.`,
      );
    }
    for (const part of [scene.first, scene.second])
      must(part.isOpen('a'), 'isOpen is false although this process has seen that the breaker is open.');
  }),
  'names the state of the breakers that it knows': by(async (scene) => {
    await open(scene);
    const [standing] = scene.second.standings?.().filter(({ key }) => key === 'a') ?? [];
    must(
      scene.second.standings === undefined || standing?.state === 'open',
      `standings names ${said(standing)} for an open breaker.`,
    );
  }),
} as const;

/** The promises of every `Breakers`, each a sentence with the check that proves it. */
export const BREAKERS_PROMISES = { ...OPENING, ...OPEN, ...PROBES } as const satisfies Readonly<
  Record<string, PortCheck<Breakers, BreakersWorld>>
>;
