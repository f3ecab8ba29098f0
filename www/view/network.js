// Which network it is, where it departs from that, and its stages drawn as blocks.
import { facts, fill, h } from '../dom.js';
import { count, shape } from '../format.js';
import { WORDS } from '../words.js';

const W = WORDS.network;
const MOST_BLOCKS = 400; // Drawn per stage; the number beside them is always the whole one.

const SHOW = { input_shape: shape, parameters: count, classes: count };

function value(name, raw) {
  if (raw === null || raw === undefined) return null;
  if (typeof raw === 'boolean') return raw ? W.yes : W.no;
  return SHOW[name]?.(raw) ?? String(raw);
}

function stage({ name, blocks, width }) {
  return h('li', null,
    h('span', { class: 'blocks', 'aria-hidden': 'true' }, Array.from({ length: Math.min(blocks, MOST_BLOCKS) }, () => h('i'))),
    h('span', { class: 'stage' },
      h('code', null, name), h('span', { class: 'amount' }, W.blocks(blocks)),
      width && h('span', { class: 'amount width' }, W.width(width))));
}

function departure({ place, within, attribute, expected, found }) {
  return h('div', { class: 'departure' },
    h('h3', null, W.departure),
    facts([
      [WORDS.layers.columns.path, [h('code', null, place), within && ` (${within})`]],
      [W.attribute, attribute], [W.expected, expected], [W.found, found],
    ]));
}

const named = (words, values) => Object.entries(words).map(([name, word]) => [word, value(name, values[name])]);

const evidence = (sentences) => h('details', { class: 'evidence' },
  h('summary', null, W.evidence), h('ul', null, sentences.map((sentence) => h('li', null, sentence))));

/** The section on the network: recognition, stages, first difference. */
export function networkView(root) {
  let last = null;
  return ({ report }) => {
    const recognition = report?.recognition;
    root.hidden = !recognition;
    const now = JSON.stringify(recognition ?? null);
    if (now === last) return;
    last = now;
    if (!recognition) return;
    fill(root, W.title,
      recognition.summary && h('p', { class: 'summary' }, recognition.summary),
      recognition.stages?.length > 0 && h('ol', { class: 'stages' }, recognition.stages.map(stage)),
      recognition.departure && departure(recognition.departure),
      facts([...named(W.facts, recognition), ...named(W.details, recognition.details ?? {})], { class: 'grid' }),
      recognition.evidence?.length > 0 && evidence(recognition.evidence));
  };
}
