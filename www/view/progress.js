// How far the check is, stage by stage, and the way out of it.
import { h, setText } from '../dom.js';
import { bytes } from '../format.js';
import { WORDS } from '../words.js';

const W = WORDS.progress;
const STAGES = ['open', 'structure', 'weights', 'digest'];

/** Share of the stage that is done, or null while its length is unknown. */
export const share = (progress) => (progress?.total > 0 ? Math.min(1, progress.done / progress.total) : null);

/** Shows `part` (0 to 1, or null for "some") on a progress bar made of two elements. */
export function showShare(bar, part) {
  bar.classList.toggle('unknown', part === null);
  bar.firstElementChild.style.inlineSize = part === null ? '' : `${part * 100}%`;
  if (part === null) bar.removeAttribute('aria-valuenow');
  else bar.setAttribute('aria-valuenow', Math.round(part * 100));
}

/** An empty progress bar. */
export const progressBar = () =>
  h('div', { class: 'track', role: 'progressbar', 'aria-label': W.label, 'aria-valuemin': 0, 'aria-valuemax': 100 }, h('div'));

/** The stages of the check with a progress bar and the button that stops it. */
export function progressView(root, actions) {
  const steps = STAGES.map((stage) => h('li', { 'data-stage': stage }, W.stages[stage]));
  const bar = progressBar();
  const amount = h('span', { class: 'amount' });
  const cancel = h('button', { type: 'button', class: 'quiet', 'data-role': 'cancel', onclick: actions.cancel }, W.cancel);
  root.append(h('div', { class: 'progress' }, h('ol', null, steps), amount, cancel, bar));
  root.hidden = true;
  return ({ phase, progress }) => {
    root.hidden = phase !== 'checking';
    const at = STAGES.indexOf(progress?.stage);
    steps.forEach((step, index) => {
      step.classList.toggle('past', index < at);
      if (index === at) step.setAttribute('aria-current', 'step');
      else step.removeAttribute('aria-current');
    });
    setText(amount, progress?.total > 0 ? W.of(bytes(progress.done), bytes(progress.total)) : progress ? '' : W.loading);
    showShare(bar, share(progress));
  };
}
