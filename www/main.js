// The page: what is known, what happens to it, and which view shows it.
import { Client } from './client.js';
import { role } from './dom.js';
import { bindFiles } from './drop.js';
import { bindThemeButton } from './theme.js';
import { WORDS } from './words.js';
import { errorView } from './view/error.js';
import { fileView } from './view/file.js';
import { findingsView } from './view/findings.js';
import { layersView } from './view/layers.js';
import { loadsView } from './view/loads.js';
import { networkView } from './view/network.js';
import { pairView } from './view/pair.js';
import { predictionView } from './view/prediction.js';
import { progressView } from './view/progress.js';
import { repairView } from './view/repair.js';
import { troubleView } from './view/trouble.js';
import { verdictView } from './view/verdict.js';

/** Each is `(root, actions) => (state) => void`: builds itself into `root` once, then shows every state it is given. */
const VIEWS = {
  trouble: troubleView, verdict: verdictView, progress: progressView, findings: findingsView,
  loads: loadsView, pair: pairView,
  'error-before': errorView, error: errorView,
  network: networkView, layers: layersView, prediction: predictionView, repair: repairView, file: fileView,
};

/**
 * A view with something new to show takes longer than this, one without does not: so a frame styles and lays out one
 * section, where a whole report at once can hold up a busy machine for 100 ms.
 */
const DRAW_MILLIS = 1;

/** Nothing known yet about `file`. `phase` is empty, checking, stopped, failed or done. */
const blank = (file, phase) => ({
  file, phase, report: null, progress: null, trouble: null, memory: null,
  picture: null, predicting: null, prediction: null, predictionError: null,
  options: { backend: 'auto', preprocess: 'auto', top: 5 },
  error: { text: '', explained: null },
  runtimes, repairing: false, repaired: null, repairError: null,
  other: null, pairing: false, pair: null, pairError: null,
});

let runtimes = []; // For which a file can be repaired.
let state = blank(null, 'empty');
let version = null;
const due = new Set(); // Views that have not shown the newest state.

const actions = {
  check,
  cancel() {
    client.cancel();
    change({ phase: 'stopped', progress: null });
  },
  again: () => check(state.file),
  cancelPrediction() {
    client.cancel();
    change({ predicting: null, picture: null });
  },
  setOptions(options) {
    change({ options: { ...state.options, ...options } });
    predictIfReady();
  },
  explain(text) {
    change({ error: { text, explained: text.trim() ? state.error.explained : null } });
    explainIfAny();
  },
  repair(runtime) {
    forgetCopy();
    change({ repairing: true, repaired: null, repairError: null });
    client.repair(state.file, runtime);
  },
  pair: (other) => layBeside(other),
  dismiss: () => change({ trouble: null }),
};

const views = [frameView, ...Object.entries(VIEWS).map(([name, view]) => view(document.querySelector(`[data-view="${name}"]`), actions))];
const client = new Client(new URL('./worker.js', import.meta.url).href, listen);

function change(news) {
  state = { ...state, ...news };
  if (due.size === 0) requestAnimationFrame(draw);
  for (const view of views) due.add(view);
}

/** Draws what is due, the verdict first, for `DRAW_MILLIS`; the rest waits for the next frame. */
function draw() {
  const end = performance.now() + DRAW_MILLIS;
  try {
    for (const view of due) {
      due.delete(view);
      view(state);
      if (performance.now() > end) break;
    }
  } finally { // A view that fails must not take the others with it.
    if (due.size > 0) requestAnimationFrame(draw);
    else document.body.dataset.phase = state.phase;
  }
}

/** What is outside the report: the empty page, and the way to another file. */
function frameView({ phase, trouble: told }) {
  role(document, 'intro').hidden = phase !== 'empty';
  role(document, 'report').hidden = phase === 'empty' && !told;
  role(document, 'another').hidden = phase === 'empty';
}

/** What an error says does not go away with the file; whether it is true of it is asked again. */
function explainIfAny() {
  if (state.error.text.trim()) client.explain(state.error.text, state.phase === 'done' ? state.report.loads : null);
}

/** A copy put together from new bytes and pieces of the file, from one offset to another: nothing of it is read here. */
function copyOf(file, parts) {
  return URL.createObjectURL(new Blob(parts.map((part) => (Array.isArray(part) ? file.slice(...part) : part))));
}

function forgetCopy() {
  if (state.repaired) URL.revokeObjectURL(state.repaired.address);
}

function check(file) {
  forgetCopy();
  state = { ...blank(file, 'checking'), error: state.error };
  change({});
  client.check(file);
  scrollTo({ top: 0 });
}

const canPredict = () => state.report?.runs?.ok && state.phase !== 'checking';

function predictIfReady() {
  if (!state.picture || !canPredict()) return;
  change({ predicting: { stage: null }, predictionError: null });
  client.predict(state.file, state.picture, state.options);
}

/** A second file beside the first, as soon as that is checked. */
function layBeside(other) {
  change({ other, pairing: true, pair: null, pairError: null });
  if (state.phase !== 'checking') client.pair(state.file, other);
}

function takeOther([other]) {
  if (other && state.file) layBeside(other);
}

function takePicture([picture]) {
  if (!picture) return;
  change({ picture, prediction: null, predictionError: null });
  predictIfReady();
}

/** What goes through a network: a picture, or a tensor that is used as it is. */
const isPicture = (file) => file.type.startsWith('image/') || /\.npy$/i.test(file.name);

/** Of two files the larger is checked and the other laid beside it. A picture goes to the open model; with no model open it is checked like any file, and the report says what it is. */
function take(files) {
  const picture = files.find(isPicture);
  const [largest, other] = files.filter((file) => !isPicture(file)).sort((a, b) => b.size - a.size);
  const model = largest ?? (state.file ? null : picture);
  if (model) check(model);
  if (other) layBeside(other);
  if (picture && picture !== model) takePicture([picture]);
}

/** `kind` is trap (our bug), failed (this check), notLoaded (the module) or refused (what was dropped). */
function trouble({ id, message, trap }) {
  const stage = (state.predicting ?? state.progress)?.stage;
  const kind = trap ? 'trap' : id === null ? 'notLoaded' : 'failed';
  return { kind, message, version, stage, bytes: state.file?.size };
}

const onMessage = {
  module: (message) => {
    [version, runtimes] = [message.version, message.runtimes];
    change({ runtimes });
    role(document, 'version').textContent = WORDS.version(version);
  },
  progress: ({ about, stage, done, total }) =>
    change(about === 'predict' ? { predicting: { stage, done, total } } : { progress: { stage, done, total } }),
  report: ({ report, final, memory }) => {
    change(final ? { report, memory, phase: 'done', progress: null } : { report });
    if (final) predictIfReady();
    if (final) explainIfAny();
    if (final && state.other) client.pair(state.file, state.other);
  },
  explained: ({ text, explained }) => text === state.error.text && change({ error: { text, explained } }),
  prediction: ({ prediction, memory }) => change({ prediction: { ...prediction, memory }, predicting: null }),
  repaired: ({ text, name, parts }) => change({ repairing: false, repaired: { text, name, address: copyOf(state.file, parts) } }),
  paired: ({ pair }) => change({ pairing: false, pair }),
  error: (error) => {
    if (error.about === 'pair' && !error.trap) return change({ pairing: false, pairError: error.message });
    if (error.about === 'repair' && !error.trap) return change({ repairing: false, repairError: error.message });
    if (error.about === 'predict' && !error.trap) return change({ predicting: null, predictionError: error.message });
    const phase = error.about === 'check' ? 'failed' : state.phase;
    return change({ phase, progress: null, predicting: null, repairing: false, pairing: false, trouble: trouble(error) });
  },
};

function listen(message) {
  onMessage[message.type](message);
}

role(document, 'another').textContent = WORDS.another;
document.documentElement.dataset.dropWord = WORDS.dropHere;
bindThemeButton(role(document, 'theme'));
bindFiles({ take, takePicture, takeOther }, () => change({ trouble: { kind: 'refused', message: WORDS.folder } }));
