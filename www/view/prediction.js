// What the network says about a picture: the picture, the five likeliest classes, and where it ran.
import { facts, fill, h, setText } from '../dom.js';
import { millis, percent, shape } from '../format.js';
import { WORDS } from '../words.js';
import { progressBar, share, showShare } from './progress.js';

const W = WORDS.prediction;
const STAGES = ['read', 'plan', 'upload', 'run'];

/** An image element that shows one blob at a time, as it is stored: networks do not turn pictures by their EXIF either. */
function thumbnail() {
  const image = h('img', { class: 'thumb', alt: W.picture, hidden: true });
  let of = null;
  image.addEventListener('error', () => (image.hidden = true));
  return [image, (picture) => {
    if (picture === of) return;
    of = picture;
    if (image.src) URL.revokeObjectURL(image.src);
    image.hidden = !picture;
    if (picture) image.src = URL.createObjectURL(picture);
  }];
}

function bar({ index, label, probability }) {
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

function result({ top, backend, backend_reason: reason, adapter, preprocess, millis: times }) {
  const parts = STAGES.filter((stage) => Number.isFinite(times?.[stage]))
    .map((stage) => `${WORDS.progress.stages[stage].toLowerCase()} ${millis(times[stage])}`);
  return [
    h('ol', { class: 'top', 'data-role': 'top' }, top.map(bar)),
    h('p', { class: 'ran' }, h('b', { 'data-role': 'backend' }, W.ranOn[backend] ?? backend), ' ', reason),
    facts([[W.adapter, adapterName(adapter)], [W.time, parts.join(' · ')], [W.preprocess, preprocess]], { class: 'facts tight' }),
  ];
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

function running(predicting, bar_, actions) {
  showShare(bar_, share(predicting));
  const stage = WORDS.progress.stages[predicting.stage];
  return h('div', { class: 'progress' },
    h('span', { class: 'amount', role: 'status' }, stage ?? W.running),
    h('button', { type: 'button', class: 'quiet', onclick: actions.cancelPrediction }, W.cancel), bar_);
}

/** What stands beside the picture. */
function outcome(state, bar_, actions) {
  if (state.predicting) return running(state.predicting, bar_, actions);
  if (state.predictionError) return h('p', { class: 'failure', role: 'alert' }, h('b', null, W.failed), ' ', state.predictionError);
  if (state.prediction) return result(state.prediction);
  return h('p', { class: 'soft' }, W.waiting);
}

export function predictionView(root, actions) {
  const [image, showPicture] = thumbnail();
  const bar_ = progressBar();
  const beside = h('div', { class: 'outcome', 'aria-live': 'polite' });
  const shown = h('div', { class: 'picture' },
    h('div', null, image, h('button', { type: 'button', class: 'quiet', 'data-act': 'pick-picture' }, W.other)), beside);
  const inviting = invitation();
  const reason = h('p', { class: 'fine' });
  const tools = h('div', { class: 'choices' },
    select(W.preprocess, 'preprocess', ['auto', 'caffe', 'tf', 'torch', 'unit', 'none'], {}, actions),
    select(W.backend, 'backend', ['auto', 'gpu', 'cpu'], W.backends, actions));
  const refusal = h('p', null);
  let seen = {};

  function outcomeChanged(state) {
    const keys = ['predicting', 'prediction', 'predictionError', 'picture'];
    const changed = keys.some((key) => state[key] !== seen[key]);
    seen = state;
    return changed;
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
    setText(reason, [`${W.input} ${shape(runs.input_shape)}.`, runs.preprocess_reason].filter(Boolean).join(' '));
    if (outcomeChanged(state)) beside.replaceChildren(outcome(state, bar_, actions));
  };
}
