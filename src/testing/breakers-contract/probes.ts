import type { Breakers } from '../../core/ports.js';
import { must } from '../must.js';
import { admittedOf } from '../port-contract/caller.js';
import type { PortCheck } from '../port-contract/scene.js';
import { admittedNow, by, call, open, probe, SETTINGS } from './scene.js';
import type { BreakersWorld } from './scene.js';

/** The promises of an open breaker that tries again. */
export const PROBES = {
  'admits one probe after the open time, over all processes': by(async (scene) => {
    await open(scene);
    const waiting = [call(scene.first), call(scene.second), call(scene.second)];
    await scene.pass(SETTINGS.openMs - 1);
    must(admittedOf(waiting) === 0, 'A call was admitted before the open time was over.');
    await scene.pass(SETTINGS.openMs * 0.1 + 2);
    must(
      admittedOf(waiting) === 1,
      `After the open time ${admittedOf(waiting)} calls are admitted; one must be, as the probe.`,
    );
    must(
      waiting.some((caller) => caller.isAdmitted && caller.lease.isProbe),
      'The first call after the open time is not a probe.',
    );
  }),
  'closes by a good probe, and admits those that wait in all processes': by(async (scene) => {
    await open(scene);
    const tried = await probe(scene);
    const waiting = [call(scene.first), call(scene.second)];
    await scene.quiet();
    must(admittedOf(waiting) === 0, 'Beside a probe, another call was admitted.');
    tried.lease.record('success');
    await scene.quiet();
    must(admittedOf(waiting) === 2, `A probe was good, and ${admittedOf(waiting)} of 2 waiting calls are admitted.`);
    must(!scene.first.isOpen('a') && !scene.second.isOpen('a'), 'A probe was good, and isOpen is still true.');
  }),
  'opens for twice as long by a failed probe, up to the longest time': by(async (scene) => {
    await open(scene);
    for (const openMs of [2 * SETTINGS.openMs, SETTINGS.longestOpenMs, SETTINGS.longestOpenMs]) {
      const tried = await probe(scene, openMs === 2 * SETTINGS.openMs ? SETTINGS.openMs : SETTINGS.longestOpenMs);
      tried.lease.record('failure');
      await scene.quiet();
      await scene.pass(openMs - 1);
      must((await admittedNow(scene)) === 0, `After a failed probe a call was admitted before ${openMs} ms.`);
    }
  }),
  'begins anew with the shortest time once it was closed': by(async (scene) => {
    await open(scene);
    (await probe(scene)).lease.record('failure');
    await scene.quiet();
    (await probe(scene, 2 * SETTINGS.openMs)).lease.record('success');
    await scene.quiet();
    await open(scene);
    await probe(scene);
  }),
  'admits the next probe at once after a neutral one': by(async (scene) => {
    await open(scene);
    const tried = await probe(scene);
    const next = call(scene.first);
    await scene.quiet();
    tried.lease.release();
    await scene.quiet();
    must(next.lease.isProbe, 'After a probe that was released, the next call is not a probe.');
  }),
  'admits the next probe once the lease of a silent one has ended': by(async (scene) => {
    await open(scene);
    const silent = await probe(scene);
    const next = call(scene.first);
    await scene.pass(SETTINGS.probeLeaseMs + 1);
    must(next.lease.isProbe, 'The lease of a silent probe has ended, and the next call is not a probe.');
    silent.lease.record('neutral');
    await scene.quiet();
    must((await admittedNow(scene)) === 0, 'The end of a silent probe has ended the lease of the next one.');
  }),
} as const satisfies Readonly<Record<string, PortCheck<Breakers, BreakersWorld>>>;
