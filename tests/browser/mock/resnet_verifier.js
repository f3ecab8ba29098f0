// Stands in for the WebAssembly module: the "model" that a test drops is a scenario in JSON, and this plays it.
// See scenario.mjs for the steps.

import { fail, play } from './steps.js';

export class Session {
  constructor(file) {
    this.scenario = JSON.parse(new FileReaderSync().readAsText(file));
  }

  check(onEvent) {
    for (const step of this.scenario.check ?? []) play(step, onEvent);
    return JSON.stringify(this.scenario.final);
  }

  repair(runtime) {
    const { refused, text, parts } = this.scenario.repair[runtime];
    if (refused) fail(refused);
    const name = `good-${runtime}.h5`;
    return { text, name, parts: parts.map((part) => (typeof part === 'string' ? new TextEncoder().encode(part) : part)) };
  }

  free() {}
}

/** Says what it was asked; the words of a real answer are Rust's. */
export const explain_error = (text, loads) => JSON.stringify({
  exception: null, summary: `Asked about ${text}.`, raised_by: 'Keras 2.0 to 2.3', runtimes: ['k224'], names: ['Keras 2.2.4'],
  reasons: [{ name: 'a-name', quote: 'the quote', cause: 'The cause.', fix: 'The fix.' }],
  verdict: loads ? 'confirmed' : null, verdict_reason: loads ? `With ${JSON.parse(loads).length} outcomes.` : null,
});

export const version = () => '0.0.0-mock';
export const runtimes = () => JSON.stringify([{ id: 'old', name: 'An old one' }, { id: 'new', name: 'A new one' }]);
export const heap_bytes = () => 9_437_184;

export default async function init() {
  // Compiling something proves that the policy of the page allows WebAssembly here.
  await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
}
