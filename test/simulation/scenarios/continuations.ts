import { writeContinuations } from '../continuations/write.js';
import type { Scenario } from '../scene.js';

export const continuations: Scenario = {
  name: 'continuations',
  about: 'Models continue broken texts in some fifty ways, most of them wrong; what is called whole is whole.',
  run: (scene) => writeContinuations(scene, { perModel: 2, tallies: new Map() }),
};
