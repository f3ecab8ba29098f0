// Building the page. Text enters it as text nodes and nowhere else.

const SVG = 'http://www.w3.org/2000/svg';

function give(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
  else node.setAttribute(name, value === true ? '' : value);
}

function make(node, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) give(node, name, value);
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/**
 * An element.
 * @param {string} tag
 * @param {Object|null} properties attributes; `onclick` and the like are listeners; null, undefined and false are left out
 * @param {...(Node|string|null|Array)} children strings become text nodes
 */
export const h = (tag, properties, ...children) => make(document.createElement(tag), properties, children);

/** An SVG element; see `h`. */
export const svg = (tag, properties, ...children) => make(document.createElementNS(SVG, tag), properties, children);

/** Sets the text of `node` unless it is there already, so that a live region speaks only of changes. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** The descendant of `root` whose `data-role` is `role`. */
export const role = (root, name) => root.querySelector(`[data-role="${name}"]`);

/** A definition list of `[term, description]` pairs; pairs without a description are left out. */
export function facts(pairs, properties = { class: 'facts' }) {
  const known = pairs.filter(([, value]) => value !== null && value !== undefined && value !== false && value !== '');
  return h('dl', properties, known.map(([term, value]) => h('div', null, h('dt', null, term), h('dd', null, value))));
}

/** What every section is made of: a heading in the margin and content beside it. */
export function fill(section, title, ...content) {
  section.hidden = false;
  section.replaceChildren(h('h2', null, title), h('div', { class: 'body' }, ...content));
}
