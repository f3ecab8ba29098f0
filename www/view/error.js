// The error that a person saw: a box to paste it into, and what it says.
import { facts, h } from '../dom.js';
import { WORDS } from '../words.js';

const W = WORDS.error;
const ROWS = 3;

function reason({ name, quote, cause, fix }) {
  return h('li', { class: 'reason' },
    h('p', { class: 'message' }, cause),
    h('p', { class: 'fix' }, h('b', null, W.fix), ' ', fix),
    h('figure', { class: 'loader' }, h('figcaption', null, W.quote, ' ', h('span', { class: 'code' }, name)), h('pre', { tabindex: 0 }, quote)));
}

function verdict({ verdict: word, verdict_reason: why }) {
  return word && h('p', { class: `judged ${word}` }, h('b', null, W.verdicts[word] ?? word), ' ', why);
}

function answer(explained) {
  return [
    verdict(explained),
    h('p', { class: 'said', 'data-role': 'error-summary' }, explained.summary),
    h('ol', { class: 'reasons' }, explained.reasons.map(reason)),
    explained.raised_by && facts([[W.by, explained.raised_by]]),
  ].filter(Boolean);
}

/** A labelled box and, below it, what the text in it says. On the empty page and in the report stands the same. */
export function errorView(root, actions) {
  const box = h('textarea', {
    id: `${root.dataset.view}-box`, rows: ROWS, spellcheck: 'false', autocomplete: 'off', autocapitalize: 'off',
    placeholder: W.placeholder, 'data-role': 'error-box',
    oninput: () => actions.explain(box.value),
  });
  const about = h('div', { class: 'explained', 'aria-live': 'polite' });
  const content = [h('p', { class: 'soft' }, W.hint), box, about];
  const label = h('label', { for: box.id }, W.title);
  if (root.dataset.view === 'error') root.append(h('h2', null, label), h('div', { class: 'body' }, content));
  else root.append(h('h2', null, label), ...content);
  let last = null;
  return ({ phase, error }) => {
    root.hidden = root.dataset.view === 'error' && phase === 'empty';
    if (box.value !== error.text) box.value = error.text;
    if (error.explained === last) return;
    last = error.explained;
    about.replaceChildren(...(last ? answer(last) : []));
  };
}
