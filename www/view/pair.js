// Two files together: what every runtime does with them, and which layer of the one belongs to which of the other.
import { fill, h } from '../dom.js';
import { WORDS } from '../words.js';
import { loadsList } from './loads.js';

const W = WORDS.pair;

const shape = (axes) => (axes ? `(${axes.join(', ')})` : '');

/** The first weight that differs says most; where all agree, the first of all. */
const telling = (weights) => weights.find(({ expected, found }) => shape(expected) !== shape(found)) ?? weights[0];

function line({ layer, role, stored, verdict, weights }) {
  const weight = telling(weights);
  const cells = [layer, role, stored, verdict, shape(weight?.expected), shape(weight?.found)];
  return h('tr', { class: verdict }, cells.map((text) => h('td', null, text ?? '')));
}

function table(words, rows, open) {
  if (rows.length === 0) return null;
  const head = h('thead', null, h('tr', null, Object.values(W.columns).map((text) => h('th', null, text))));
  return h('details', { open }, h('summary', null, words),
    h('div', { class: 'scroll', tabindex: 0 }, h('table', { class: 'pairs' }, head, h('tbody', null, rows.map(line)))));
}

function told({ model, weights, summary, notes, loads, alignment }) {
  const misfits = alignment.filter(({ verdict }) => verdict !== 'fits');
  return [
    h('p', null, W.sides(weights, model)),
    h('ul', { class: 'notes' }, [...summary, ...notes].map((sentence) => h('li', null, sentence))),
    loadsList(loads),
    table(W.misfits(misfits.length), misfits, true),
    table(W.all(alignment.length), alignment, false),
  ];
}

/** The section on the file together with another. */
export function pairView(root) {
  let last;
  const ask = () => h('p', { 'data-role': 'beside', class: 'beside' }, W.ask, ' ',
    h('button', { type: 'button', 'data-act': 'pick-other' }, W.choose));
  return ({ phase, other, pairing, pair, pairError }) => {
    const now = pairing ? other : pair ?? pairError;
    if (now !== last || root.childElementCount === 0) {
      const status = h('p', { class: 'soft', 'aria-live': 'polite' }, pairing ? W.reading(other.name) : pairError ?? '');
      fill(root, W.title, ask(), status, pair ? told(pair) : null);
    }
    last = now;
    root.hidden = phase !== 'done';
  };
}
