// Every layer and its weights. Thousands of rows cost nothing: only those in sight are in the page.
import { fill, h, setText, svg } from '../dom.js';
import { count, number, shape } from '../format.js';
import { WORDS } from '../words.js';

const W = WORDS.layers;
const NONE = [];
const BEYOND = 6; // Rows kept above and below the visible ones, so that the Tab key always finds a next one.

const cell = (name, ...content) => h('span', { role: 'cell', class: name }, ...content);

/** The rows to show: matching layers, and under each unfolded one a row per weight. All rows are equally high. */
function rowsOf(layers, query, unfolded) {
  const wanted = query.trim().toLowerCase();
  const match = ({ path, class: kind }) => `${path} ${kind}`.toLowerCase().includes(wanted);
  const matching = wanted ? layers.filter(match) : layers;
  const rows = matching.flatMap((layer) => [
    { key: layer.path, layer },
    ...(unfolded.has(layer.path) ? layer.weights.map((weight, i) => ({ key: `${layer.path}\n${i}`, weight })) : []),
  ]);
  return { rows, matching: matching.length };
}

function layerRow({ layer }, unfolded, toggle) {
  const has = layer.weights?.length > 0;
  const name = has
    ? h('button', { type: 'button', class: 'fold', 'aria-expanded': String(unfolded), onclick: () => toggle(layer.path) }, layer.path)
    : h('span', { class: 'leaf' }, layer.path);
  return [
    cell('path', name), cell('class', layer.class),
    cell('shape', shape(layer.output_shape)), cell('parameters', layer.parameters ? count(layer.parameters) : ''),
  ];
}

/** Counts per bin between the smallest and the largest number, as an outline one unit wide per bin. */
function histogram(counts) {
  const most = Math.max(...counts);
  const steps = counts.map((n, bin) => `V${(16 - (15 * n) / most).toFixed(1)}H${bin + 1}`).join('');
  return svg('svg', { class: 'histogram', viewBox: `0 0 ${counts.length} 16`, preserveAspectRatio: 'none', role: 'img', 'aria-label': W.histogram },
    svg('path', { d: `M0 16${steps}V16Z` }));
}

function statistics(weight) {
  if (weight.cut) return [h('span', { class: 'bad' }, W.cut(count(weight.cut.bytes), count(weight.cut.of)))];
  if (weight.mean === undefined) return [];
  const stat = (label, value) => h('span', null, label && h('small', null, label, ' '), value);
  return [
    stat(W.mean, number(weight.mean)), stat(W.std, number(weight.std)),
    stat(null, W.range(number(weight.min), number(weight.max))),
    weight.zeros > 0 && stat(null, W.zeros(count(weight.zeros))),
    weight.non_finite > 0 && h('span', { class: 'bad' }, W.nonFinite(count(weight.non_finite))),
    weight.histogram?.some((n) => n > 0) && histogram(weight.histogram),
  ];
}

const weightRow = ({ weight }) => [
  cell('path', h('span', { class: 'weight' }, weight.name)),
  cell('class', `${shape(weight.shape)} ${weight.dtype}`),
  cell('statistics', ...statistics(weight)),
];

/** Keeps in `body` the rows of `list` that `scroller` shows, reusing those that are there already. */
class Window {
  #scroller;
  #body;
  #draw;
  #list = [];
  #live = new Map();

  constructor(scroller, body, draw) {
    [this.#scroller, this.#body, this.#draw] = [scroller, body, draw];
    let due = false;
    const later = () => {
      if (!due) requestAnimationFrame(() => [(due = false), this.render()]);
      due = true;
    };
    scroller.addEventListener('scroll', later, { passive: true });
    new ResizeObserver(later).observe(scroller);
  }

  show(list) {
    const focused = document.activeElement?.closest?.('[data-key]')?.dataset.key;
    this.#list = list;
    for (const node of this.#live.values()) node.remove();
    this.#live.clear();
    this.render();
    if (focused) [...this.#live.values()].find((node) => node.dataset.key === focused)?.querySelector('button')?.focus();
  }

  render() {
    const height = parseFloat(getComputedStyle(this.#scroller).getPropertyValue('--row'));
    this.#body.style.blockSize = `${this.#list.length * height}px`;
    const first = Math.max(0, Math.floor(this.#scroller.scrollTop / height) - BEYOND);
    const end = Math.min(this.#list.length, Math.ceil((this.#scroller.scrollTop + this.#scroller.clientHeight) / height) + BEYOND);
    for (const [index, node] of this.#live) {
      if (index >= first && index < end) continue;
      node.remove();
      this.#live.delete(index);
    }
    for (let index = first; index < end; index++) this.#place(index, height);
  }

  #place(index, height) {
    const node = this.#live.get(index) ?? this.#add(index);
    node.style.transform = `translateY(${index * height}px)`;
  }

  /** Rows stand in the page in their order, because that is the order of the Tab key and of screen readers. */
  #add(index) {
    const node = this.#draw(this.#list[index], index);
    this.#live.set(index, node);
    let after = index + 1;
    const last = Math.max(...this.#live.keys());
    while (after <= last && !this.#live.has(after)) after++;
    this.#body.insertBefore(node, this.#live.get(after) ?? null);
    return node;
  }
}

const header = () => h('div', { role: 'row', class: 'row head', 'aria-rowindex': 1 },
  Object.entries(W.columns).map(([name, word]) => h('span', { role: 'columnheader', class: name === 'output_shape' ? 'shape' : name }, word)));

/** The table of layers, folded away until it is asked for. */
export function layersView(root) {
  const search = h('input', { type: 'search', placeholder: W.search, 'aria-label': W.search, oninput: () => redraw(true) });
  const total = h('span', { class: 'amount' });
  const body = h('div', { role: 'rowgroup', class: 'rows' });
  const none = h('p', { class: 'soft', hidden: true }, W.none);
  const scroller = h('div', { role: 'table', class: 'table', 'aria-label': W.title, tabindex: 0 }, header(), body, none);
  const unfolded = new Set();
  const sight = new Window(scroller, body, row);
  let layers = NONE;

  function toggle(path) {
    if (!unfolded.delete(path)) unfolded.add(path);
    redraw(false);
  }

  function row(item, index) {
    const content = item.layer ? layerRow(item, unfolded.has(item.key), toggle) : weightRow(item);
    return h('div', { role: 'row', class: item.layer ? 'row' : 'row under', 'aria-rowindex': index + 2, 'data-key': item.key }, ...content);
  }

  function redraw(fromTop) {
    const { rows, matching } = rowsOf(layers, search.value, unfolded);
    if (fromTop) scroller.scrollTop = 0;
    setText(total, W.count(matching, layers.length));
    scroller.setAttribute('aria-rowcount', rows.length + 1);
    none.hidden = rows.length > 0;
    if (fold.open) sight.show(rows); // Closed, there is nothing to measure, and measuring costs a layout.
  }

  const fold = h('details', { class: 'layers' }, h('summary', null, h('h2', null, W.title), total), search, scroller);
  fold.addEventListener('toggle', () => redraw(false));
  root.append(fold);
  root.hidden = true;
  return ({ report }) => {
    const now = report?.layers ?? NONE;
    root.hidden = now.length === 0;
    if (now === layers) return;
    layers = now;
    if (layers === NONE) unfolded.clear();
    redraw(false);
  };
}
