// What the page's source must not contain.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const WWW = new URL('../../www/', import.meta.url);
const sources = readdirSync(WWW, { recursive: true })
  .filter((name) => /\.(js|html|css)$/.test(name) && !name.startsWith('pkg'))
  .map((name) => ({ name, text: readFileSync(new URL(name, WWW), 'utf8') }));

function absent(pattern) {
  assert.ok(sources.length > 10);
  assert.deepEqual(sources.filter(({ text }) => pattern.test(text)).map(({ name }) => name), []);
}

test('no text becomes markup or code', () => {
  absent(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|\beval\(|new Function/);
});

test('nothing is asked of another host', () => absent(/https?:\/\/(?!www\.w3\.org\/2000\/svg)/));

// A policy stops neither; a worker has neither, so only the page's own scripts are in question.
test('no script uses WebRTC or leaves the page', () => absent(/RTCPeerConnection|window\.open|location\.(assign|replace)|location(\.href)? *= /));

test('scripts hold no words about models', () => {
  const models = /\b(resnet ?\d|keras|hdf5|imagenet|batchnorm|conv2d|tensorflow)/i;
  const scripts = sources.filter(({ name }) => name.endsWith('.js'));
  const code = (text) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  assert.deepEqual(scripts.filter(({ text }) => models.test(code(text))).map(({ name }) => name), []);
});
