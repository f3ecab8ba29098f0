// What a test drops when the WebAssembly module is the mock: a scenario, told step by step.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FIXTURES = new URL('../fixtures/reports/', import.meta.url);

/** A golden report or run: what the real module returns, and what the page has to be able to show. */
export const golden = (name) => JSON.parse(readFileSync(new URL(`${name}.json`, FIXTURES), 'utf8'));

/** Steps: what the mock does next. */
export const progress = (stage, done, total) => ({ progress: { stage, done, total } });
export const partial = (report) => ({ report });
export const busy = (millis) => ({ busy: millis });
export const trap = () => ({ trap: true });
/** A trap for a picture of this length only. */
export const trapFor = ({ buffer }) => ({ trapFor: buffer.length });
export const fail = (message) => ({ fail: message });
/** `count` requests to /beat, `every` milliseconds apart. */
export const beats = (count, every) => ({ beats: count, every });

/**
 * A file for `Visit.give` or `Visit.drop`.
 * @param {string} name
 * @param {{check?: Object[], final?: Object, predict?: Object[], run?: Object}} scenario
 */
export const model = (name, scenario) => ({ name, mimeType: '', buffer: Buffer.from(JSON.stringify(scenario)) });

/** The path of a file with that content, for tests that measure: handing over bytes would itself occupy the page. */
export async function onDisk(t, { name, buffer }) {
  const folder = await mkdtemp(join(tmpdir(), 'page-test-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, name), buffer);
  return join(folder, name);
}

/** The smallest PNG: one grey pixel. */
export const picture = (name = 'cat.png') => ({
  name,
  mimeType: 'image/png',
  buffer: Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==', 'base64'),
});

/** A report with `count` layers, to see whether the page stays quick. */
export function manyLayers(count) {
  const report = golden('good');
  const weights = (i) => ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((name) => ({
    name, shape: [256], dtype: 'float32', mean: i / 7, std: 0.1, min: -1, max: 1, zeros: 0, non_finite: 0,
  }));
  report.layers = Array.from({ length: count }, (_, i) => ({
    path: `stage/block${i}_bn`, class: 'BatchNormalization', output_shape: [null, 56, 56, 256], parameters: 1024, weights: weights(i),
  }));
  return report;
}
