// What the network says about a picture: the picture, the five likeliest classes, and where it ran.
import { facts, fill, h, setText } from '../dom.js';
import { bytes, millis, percent, shape } from '../format.js';
import { WORDS } from '../words.js';
import { progressBar, share, showShare } from './progress.js';

const W = WORDS.prediction;
const STAGES = ['read', 'plan', 'upload', 'run'];

/**
 * An image element that shows one blob at a time, as it is stored: networks do not turn pictures by their EXIF either.
 * What the browser cannot show stands there with its name.
 */
function thumbnail() {
  const image = h('img', { class: 'thumb', alt: W.picture });
  const name = h('p', { class: 'no-thumb' });
  let of = null;
  const seen = (shown) => ([image.hidden, name.hidden] = [!shown, shown]);
  image.addEventListener('error', () => seen(false));
  return [[image, name], (picture) => {
    if (picture === of) return;
    of = picture;
    if (image.src) URL.revokeObjectURL(image.src);
    setText(name, picture?.name ?? '');
    seen(true);
    if (picture) image.src = URL.createObjectURL(picture);
  }];
}

function likely({ index, label, probability }) {
  const fillBar = h('span', { class: 'level' });
  fillBar.style.inlineSize = `${Math.max(0, Math.min(1, probability)) * 100}%`;
  return h('li', null,
    h('span', { class: 'label' }, label ?? W.unlabelled(index)),
    h('span', { class: 'share' }, percent(probability)),
    h('span', { class: 'groove', 'aria-hidden': 'true' }, fillBar));
}

function adapterName(adapter) {
  if (!adapter) return null;
  return [adapter.name || W.unnamed, adapter.software && h('span', { class: 'tag' }, W.software)];
}

/** Classes where the network has some; the shapes of its outputs where it has none. */
function result({ top, outputs, backend, backend_reason: reason, adapter, preprocess, millis: times, memory }) {
  const parts = STAGES.filter((stage) => times?.[stage] > 0)
    .map((stage) => `${WORDS.progress.stages[stage].toLowerCase()} ${millis(times[stage])}`);
  return [
    top?.length > 0 && h('ol', { class: 'top', 'data-role': 'top' }, top.map(likely)),
    h('p', { class: 'ran' }, h('b', { 'data-role': 'backend' }, W.ranOn[backend] ?? backend), ' ', reason),
    facts([
      [W.output, top?.length > 0 ? null : outputs.map((output) => `${output.name} ${shape(output.shape)}`).join(', ')],
      [W.adapter, adapterName(adapter)],
      [W.time, parts.join(' · ')],
      [W.preprocess, preprocess],
      [W.memory, memory && bytes(memory)],
    ], { class: 'facts tight' }),
  ].filter(Boolean);
}

function select(label, name, options, words, actions) {
  const choose = ({ target }) => actions.setOptions({ [name]: target.value });
  return h('label', { class: 'choice' }, h('span', null, label),
    h('select', { name, onchange: choose }, options.map((option) => h('option', { value: option }, words[option] ?? option))));
}

const invitation = () => h('div', { class: 'drop small' },
  h('p', { class: 'drop-title' }, W.drop),
  h('button', { type: 'button', class: 'solid', 'data-act': 'pick-picture' }, W.pick),
  h('p', { class: 'fine' }, W.promise));

/** The progress of a prediction: one element that stays, so that its button does not vanish under the finger. */
function runningView(actions) {
  const bar = progressBar();
  const stage = h('span', { class: 'amount' });
  const root = h('div', { class: 'progress' }, stage,
    h('button', { type: 'button', class: 'quiet', onclick: actions.cancelPrediction }, W.cancel), bar);
  return [root, (predicting) => {
    setText(stage, WORDS.progress.stages[predicting?.stage] ?? W.running);
    showShare(bar, share(predicting));
  }];
}

/** What `auto` prepares pictures by, and why. */
const automatic = ({ preprocess: mode, preprocess_reason: why }) => (mode && why ? [W.automatic(mode), why] : []);

/** What stands beside the picture. */
function outcome({ predicting, predictionError, prediction }, running) {
  if (predicting) return [running];
  if (predictionError) return [h('p', { class: 'failure', role: 'alert' }, h('b', null, W.failed), ' ', predictionError)];
  return prediction ? result(prediction) : [h('p', { class: 'soft' }, W.waiting)];
}

/** The section that asks for a picture and shows what the network makes of it. */
export function predictionView(root, actions) {
  const [thumb, showPicture] = thumbnail();
  const [running, showRunning] = runningView(actions);
  const beside = h('div', { class: 'outcome', 'aria-live': 'polite' });
  const shown = h('div', { class: 'picture' },
    h('div', null, thumb, h('button', { type: 'button', class: 'quiet', 'data-act': 'pick-picture' }, W.other)), beside);
  const inviting = invitation();
  const reason = h('p', { class: 'fine' });
  const tools = h('div', { class: 'choices' },
    select(W.preprocess, 'preprocess', ['auto', 'caffe', 'tf', 'torch', 'unit', 'none'], {}, actions),
    select(W.backend, 'backend', ['auto', 'gpu', 'cpu'], W.backends, actions));
  const refusal = h('p', null);
  let seen = null;

  function showOutcome(state) {
    showRunning(state.predicting);
    const now = state.predicting ? running : state.predictionError ?? state.prediction ?? state.picture;
    if (now !== seen) beside.replaceChildren(...outcome(state, running));
    seen = now;
  }

  fill(root, W.title, refusal, inviting, shown, tools, reason);
  root.hidden = true;
  return (state) => {
    const runs = state.report?.runs;
    root.hidden = !runs;
    showPicture(state.picture);
    if (!runs) return;
    refusal.hidden = runs.ok;
    setText(refusal, runs.reason ?? '');
    inviting.hidden = !runs.ok || Boolean(state.picture);
    shown.hidden = !runs.ok || !state.picture;
    tools.hidden = reason.hidden = !runs.ok;
    for (const [name, choice] of Object.entries(state.options)) {
      const box = tools.querySelector(`[name="${name}"]`);
      if (box) box.value = choice;
    }
    setText(reason, [`${W.input} ${shape(runs.input_shape)}.`, ...automatic(runs)].join(' '));
    showOutcome(state);
  };
}
