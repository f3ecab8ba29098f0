// The steps of a scenario, for both modules; scenario.mjs says what they are.

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

export function fail(message) {
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

export const play = (step, onEvent, picture) => STEPS[Object.keys(step)[0]](step, onEvent, picture);
