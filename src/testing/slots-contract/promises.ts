import type { Lease, Slots } from '../../core/ports.js';
import { must, said } from '../must.js';
import { admittedOf, Caller } from '../port-contract/caller.js';
import { checkWith } from '../port-contract/scene.js';
import type { MakePort, PortCheck, PortScene, PortWorld } from '../port-contract/scene.js';

/** The surroundings of slots under proof. */
export interface SlotsWorld extends PortWorld {
  /** The slots of each key. */
  readonly most: number;
}

/** Makes the slots under proof, as two processes see them. */
export type MakeSlots = MakePort<Slots, SlotsWorld>;

type Scene = PortScene<Slots>;

const by = checkWith<Slots, SlotsWorld>({ most: 2 });
const HOUR_MS = 3_600_000;

const call = (slots: Slots, key = 'a', isReturned = false): Caller<Lease> =>
  new Caller(slots.acquire(key, { isReturned }));

/** Takes both slots of a key, each in a process. */
async function fill({ first, second, quiet }: Scene): Promise<readonly [Caller<Lease>, Caller<Lease>]> {
  const callers = [call(first), call(second)] as const;
  await quiet();
  must(admittedOf(callers) === 2, `Of 2 callers for 2 free slots, ${admittedOf(callers)} are admitted.`);
  return callers;
}

/** The promises of every `Slots`, each a sentence with the check that proves it. */
export const SLOTS_PROMISES = {
  'admits a caller while a slot is free, without a wait': by(async ({ first, quiet }) => {
    const caller = call(first);
    await quiet();
    must(caller.lease.isValid(), 'The lease of a slot is not valid.');
    must(caller.waits.length === 0, `A caller was told to wait before a free slot: ${said(caller.waits)}.`);
  }),
  'admits as many callers as there are slots, over all processes': by(async (scene) => {
    await fill(scene);
    const late = [call(scene.first), call(scene.second)];
    await scene.quiet();
    must(admittedOf(late) === 0, `${2 + admittedOf(late)} callers are admitted to 2 slots.`);
  }),
  'reports once that a caller waits for a slot': by(async (scene) => {
    await fill(scene);
    const late = call(scene.second);
    await scene.quiet();
    must(
      late.waits.length === 1 && late.waits[0]?.for === 'slot',
      `A caller that waits for a slot was told ${said(late.waits)}; it must be told once: { type: 'waiting', for: 'slot' }.`,
    );
  }),
  'admits a waiting caller when another process releases its slot': by(async (scene) => {
    const [held] = await fill(scene);
    const late = call(scene.second);
    await scene.quiet();
    held.lease.release();
    await scene.quiet();
    must(late.isAdmitted, 'A slot was released in another process, and the waiting caller was not admitted.');
  }),
  'admits the callers of a process in their order, and returned ones first': by(async (scene) => {
    const held = await fill(scene);
    const [early, late, returned] = [call(scene.first), call(scene.first), call(scene.first, 'a', true)];
    await scene.quiet();
    held[0].lease.release();
    await scene.quiet();
    must(returned.isAdmitted, 'A returned caller must be admitted before those that have waited.');
    held[1].lease.release();
    await scene.quiet();
    must(early.isAdmitted && !late.isAdmitted, 'Callers must be admitted in the order in which they came.');
  }),
  'gives a slot back once, however often it is released': by(async (scene) => {
    const [held] = await fill(scene);
    for (let time = 0; time < 3; time += 1) held.lease.release();
    const late = [call(scene.first), call(scene.second)];
    await scene.quiet();
    must(admittedOf(late) === 1, `One slot was released three times, and ${admittedOf(late)} callers were admitted.`);
  }),
  'keeps no slot for a caller that has left': by(async (scene) => {
    const [held] = await fill(scene);
    const left = call(scene.first);
    await scene.quiet();
    left.leave();
    held.lease.release();
    const gone = call(scene.first);
    if (gone.isAdmitted) gone.lease.release();
    gone.leave();
    await scene.quiet();
    const next = call(scene.second);
    await scene.quiet();
    must(next.isAdmitted, 'The callers before it have left, and a free slot is not given to the next one.');
  }),
  'counts each key for itself': by(async (scene) => {
    await fill(scene);
    const other = call(scene.first, 'b');
    await scene.quiet();
    must(other.isAdmitted, 'The slots of one key are taken, and a caller of another key has to wait.');
  }),
  'keeps a slot for as long as it is held': by(async (scene) => {
    await fill(scene);
    await scene.pass(HOUR_MS);
    const late = call(scene.second);
    await scene.quiet();
    must(!late.isAdmitted, 'A slot that is held for an hour was given to another caller.');
  }),
} as const satisfies Readonly<Record<string, PortCheck<Slots, SlotsWorld>>>;
