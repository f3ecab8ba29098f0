// The worker: owns the WebAssembly modules and one session, and turns messages into calls and events into messages.

const EVERY_MILLIS = 40; // Progress within a stage is told at most this often.
const LAYERS_AT_ONCE = 200;
const OUR_BUG = ['RuntimeError', 'RangeError', 'InternalError']; // A trap, or an exhausted stack.

const loading = load('./pkg/resnet_verifier.js');
const modules = []; // That have been loaded: the verifier, and the engine once it may be needed.
let computing = null; // The engine's module, on its way.
let session = null;
let engine = null; // Of that session.
let running = null; // The request that is being answered.
let next = null; // The one to answer after it.

async function load(url) {
  const module = await import(url);
  await module.default();
  modules.push(module);
  return module;
}

/** What runs networks is a module of its own, so that nobody waits for it who only wants a file checked. */
function loadEngine() {
  computing ??= load('./pkg/resnet_verifier_engine.js').catch((error) => {
    computing = null; // The next one who needs it tries again.
    throw error;
  });
  return computing;
}

const memory = () => modules.reduce((sum, module) => sum + module.heap_bytes(), 0);

/** The module says in `resnetVerifierPanickedAt` where in its source it gave up. */
function fail(id, error) {
  const trap = OUR_BUG.includes(error?.name);
  const place = trap && self.resnetVerifierPanickedAt;
  const message = String(error?.message ?? error) + (place ? ` at ${place}` : '');
  postMessage({ id, type: 'error', message, trap });
}

/**
 * The layers travel ahead of their report in pieces: taking thousands of them out of one message would hold the page
 * up for longer than a frame.
 */
function tell(id, { layers, ...report }, final) {
  for (let first = 0; first < (layers?.length ?? 0); first += LAYERS_AT_ONCE) {
    postMessage({ id, type: 'layers', layers: layers.slice(first, first + LAYERS_AT_ONCE) });
  }
  postMessage({ id, type: 'report', report, final, memory: final && memory() });
}

/** Events of one request as messages, thinned out. */
function teller(id) {
  let stage = null;
  let told = 0;
  return (json) => {
    const event = JSON.parse(json);
    if (event.type === 'report') return tell(id, event.report, false);
    const now = performance.now();
    if (event.stage === stage && event.done !== event.total && now - told < EVERY_MILLIS) return undefined;
    [stage, told] = [event.stage, now];
    return postMessage({ id, type: 'progress', stage: event.stage, done: event.done, total: event.total });
  };
}

async function open(file) {
  const module = await loading;
  engine?.free?.();
  session?.free?.();
  session = engine = null;
  session = new module.Session(file);
}

async function check({ id, file }) {
  await open(file);
  const report = JSON.parse(session.check(teller(id)));
  tell(id, report, true);
  if (report.runs?.ok) loadEngine().catch(() => {}); // A picture is likely to follow.
}

async function predict({ id, picture, options }) {
  const { Engine } = await loadEngine();
  engine ??= new Engine(session);
  const bytes = new Uint8Array(await picture.arrayBuffer());
  const run = await engine.predict(bytes, JSON.stringify(options), teller(id));
  postMessage({ id, type: 'prediction', prediction: JSON.parse(run), memory: memory() });
}

/** Answered at once and beside the requests, since it needs no session. */
async function explain({ text, loads }) {
  const module = await loading;
  const explained = JSON.parse(module.explain_error(text, loads ? JSON.stringify(loads) : ''));
  postMessage({ type: 'explained', text, explained });
}

async function repair({ id, runtime }) {
  await loading;
  const { text, name, parts } = session.repair(runtime);
  postMessage({ id, type: 'repaired', text, name, parts });
}

async function pair({ id, other }) {
  await loading;
  postMessage({ id, type: 'paired', pair: JSON.parse(session.pair(other)) });
}

const ACTIONS = { open: ({ file }) => open(file), check, predict, repair, pair };

/** One request at a time, because a session cannot be entered twice; of those that wait for it only the last matters. */
async function take(message) {
  if (running) {
    next = message;
    return;
  }
  running = message;
  try {
    await ACTIONS[message.type](message);
  } catch (error) {
    fail(message.id, error);
  }
  running = null;
  const waiting = next;
  next = null;
  if (waiting) take(waiting);
}

// A trap while a future is polled rejects a promise that nobody holds.
self.onunhandledrejection = ({ reason }) => fail(running?.id ?? null, reason);
self.onmessage = ({ data }) => (data.type === 'explain' ? explain(data).catch((error) => fail(null, error)) : take(data));
postMessage({ type: 'ready' });
loading.then((module) => postMessage({ type: 'module', version: module.version(), runtimes: JSON.parse(module.runtimes()) }), (error) => fail(null, error));
