import { engineContract } from '../contract/engine.ts';
import { createFakeEngine } from '../support/fake-engine.ts';

engineContract('the fake Engine', () => {
  const engine = createFakeEngine();
  return Promise.resolve({
    engine,
    create: (name, behaviour) => Promise.resolve(engine.create(name, behaviour)),
    pause: (name) => {
      engine.pause(name);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
});
