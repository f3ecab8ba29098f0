// When the checker itself fails: in words, and for a crash with a report that can be copied.
import { h } from '../dom.js';
import { WORDS } from '../words.js';

const W = WORDS.trouble;

/** Versions, stage, message and size; neither the file's name nor its content. */
function crashReport({ version, stage, message, bytes }) {
  return [
    `resnet-verifier ${version ?? '?'}`,
    `stage: ${stage ?? '?'}`,
    `message: ${message}`,
    `file size: ${bytes ?? '?'} bytes`,
    `browser: ${navigator.userAgent}`,
  ].join('\n');
}

async function copy(text, button, area) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = W.copied;
  } catch {
    getSelection().selectAllChildren(area); // Without the permission, the text is at least ready to be copied by hand.
  }
}

function crash(trouble) {
  const text = crashReport(trouble);
  const area = h('pre', { tabindex: 0, 'data-role': 'crash' }, text);
  const button = h('button', { type: 'button', class: 'quiet', onclick: () => copy(text, button, area) }, W.copy);
  return [h('h2', null, W.trap), h('p', null, W.goOn), area, button];
}

const TITLES = { failed: W.failed, notLoaded: W.notLoaded };

const failure = ({ kind, message }) => [TITLES[kind] && h('h2', null, TITLES[kind]), h('p', null, message)];

/** A box that is there only when something went wrong on our side, or what was dropped cannot be read. */
export function troubleView(root, actions) {
  let last = null;
  return ({ trouble }) => {
    if (trouble === last) return;
    last = trouble;
    root.replaceChildren();
    if (!trouble) return;
    root.append(h('div', { class: 'trouble', role: 'alert' },
      trouble.kind === 'trap' ? crash(trouble) : failure(trouble),
      h('button', { type: 'button', class: 'quiet', onclick: actions.dismiss }, W.dismiss)));
  };
}
