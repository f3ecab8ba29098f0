// Stands in for the engine's module, as resnet_verifier.js does for the verifier's.
import { play } from './steps.js';

export class Engine {
  constructor({ scenario }) {
    this.scenario = scenario;
  }

  async predict(picture, options, onEvent) {
    for (const step of this.scenario.predict ?? []) {
      play(step, onEvent, picture);
      await new Promise((done) => setTimeout(done));
    }
    const told = { ...this.scenario.run, options: JSON.parse(options), pictureBytes: picture.length };
    return JSON.stringify(told);
  }

  free() {}
}

export const heap_bytes = () => 1_048_576;

export default async function init() {}
