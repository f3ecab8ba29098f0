// Stands in for the WebAssembly module: the "model" that a test drops is a scenario in JSON, and this plays it.
// See scenario.mjs for the steps.

const tell = (onEvent, event) => onEvent(JSON.stringify(event));

function busy(millis) {
  const end = performance.now() + millis;
  while (performance.now() < end);
}

/** A sign of life that the test's server sees, also from the middle of a call that never returns to the event loop. */
function beat() {
  const request = new XMLHttpRequest();
  request.open('POST', new URL('/beat', import.meta.url), false);
  try {
    request.send();
  } catch {
    // Nobody listens any more; go on.
  }
}

/** A real trap, with the engine's own message. */
function trap() {
  const unreachable = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 116, 0, 0, 10, 5, 1, 3, 0, 0, 11];
  new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(unreachable))).exports.t();
}

function fail(message) {
  throw new Error(message);
}

const STEPS = {
  progress: (step, onEvent) => tell(onEvent, { type: 'progress', ...step.progress }),
  report: (step, onEvent) => tell(onEvent, { type: 'report', report: step.report }),
  busy: (step) => busy(step.busy),
  trap,
  trapFor: (step, onEvent, picture) => picture.length === step.trapFor && trap(),
  fail: (step) => fail(step.fail),
  beats: (step) => {
    for (let i = 0; i < step.beats; i++) {
      beat();
      busy(step.every);
    }
  },
};

const play = (step, onEvent, picture) => STEPS[Object.keys(step)[0]](step, onEvent, picture);

export class Session {
  constructor(file) {
    this.scenario = JSON.parse(new FileReaderSync().readAsText(file));
  }

  check(onEvent) {
    for (const step of this.scenario.check ?? []) play(step, onEvent);
    return JSON.stringify(this.scenario.final);
  }

  async predict(picture, options, onEvent) {
    for (const step of this.scenario.predict ?? []) {
      play(step, onEvent, picture);
      await new Promise((done) => setTimeout(done));
    }
    const told = { ...this.scenario.run, options: JSON.parse(options), pictureBytes: picture.length };
    return JSON.stringify(told);
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
