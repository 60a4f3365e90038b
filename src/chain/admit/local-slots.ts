import type { Clock } from '../../core/clock.js';
import type { Slot, Slots } from '../../core/ports.js';
import { SlotCount } from './slots.js';
import type { Gate } from './gate.js';
import { once } from '../../core/util/once.js';
import { queuesBy } from './queues.js';

/** The slots of one process. @param most at once for each key; 0 for no ceiling */
export function localSlots(clock: Clock, most: number): Slots {
  const queueOf = queuesBy<Gate<undefined, Slot>, Slot>(clock, (onChange) => slotGate(new SlotCount(most), onChange));
  return { enter: (key) => queueOf(key).queue.enter(undefined) };
}

function slotGate(slots: SlotCount, onChange: () => void): Gate<undefined, Slot> {
  return {
    availableAt: (now) => (slots.isFree ? now : undefined),
    admit: () => {
      slots.take();
      return {
        release: once(() => {
          slots.release();
          onChange();
        }),
      };
    },
  };
}
