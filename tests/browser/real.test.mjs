// The page with the real module and files that real Keras versions saved; see tests/fixtures/models/README.md.
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { site } from './helper.mjs';

const shared = site({ real: true });
const path = (name) => fileURLToPath(new URL(`../fixtures/models/${name}`, import.meta.url));
const expected = JSON.parse(await readFile(path('expected.json'), 'utf8'));
const TOLERANCE = 1e-5; // Of a softmax output, in which numbers are at most 1.

const file = async (name, mimeType = '') => ({ name, mimeType, buffer: await readFile(path(name)) });
const text = (name, words, mimeType = '') => ({ name, mimeType, buffer: Buffer.from(words) });

async function opened(t, name) {
  const v = await shared.visit(t, { listening: true });
  await v.drop(await file(name));
  await v.phase('done');
  return v;
}

/** A good file that takes seconds to read: behind the model come zeros, which cost no disk. */
async function longFile(t) {
  const folder = await mkdtemp(join(tmpdir(), 'page-test-'));
  t.after(() => rm(folder, { recursive: true }));
  const long = join(folder, 'long.h5');
  await copyFile(path('cifar8v1_full__tf215.h5'), long);
  await truncate(long, 3e9);
  return long;
}

function near(found, wanted) {
  assert.equal(found.length, wanted.length);
  const worst = Math.max(...found.map((number, i) => Math.abs(number - wanted[i])));
  assert.ok(worst <= TOLERANCE, `differs by ${worst}`);
  return worst;
}

const codes = (findings) => findings.map(({ code }) => code.split(' ')[1]);

test('a good file: verdict, who saved it, layers with statistics, checksums, memory', async (t) => {
  const v = await opened(t, 'cifar8v1_full__tf215.h5');
  assert.equal((await v.verdict()).state, 'ok');
  assert.deepEqual(await v.findings(), []);
  const page = await v.text('[data-role="report"]');
  for (const words of ['keras_version 2.15.0', '228,176 bytes', expected.files['cifar8v1_full__tf215.h5'].sha256, 'Memory']) {
    assert.ok(page.includes(words), words);
  }
  await v.openLayers();
  assert.equal(await v.text('.layers .amount'), '30');
  await v.page.click('.fold >> nth=0');
  assert.match(await v.text('.row.under'), /\(3, 3, 3, 4\) float32/);
});

for (const [name, { input, output }] of Object.entries(expected.files).filter(([, { output }]) => output)) {
  if (/custom_layer|lambda/.test(name)) continue; // They can't be run.
  test(`${name} predicts on the CPU and on WebGPU what the Keras that saved it predicted`, async (t) => {
    const v = await opened(t, name);
    await v.drop(await file(input));
    const [{ prediction: cpu }] = await v.heard('prediction');
    assert.notEqual(cpu.backend, 'gpu', 'a software adapter is no reason to leave the CPU');
    assert.match(cpu.backend_reason, /software adapter/);
    assert.ok((await v.text('.ran')).includes(cpu.backend_reason));
    await v.runOn('gpu');
    const { prediction: gpu, memory } = (await v.heard('prediction', 2))[1];
    assert.equal(gpu.backend, 'gpu');
    assert.equal(gpu.adapter.software, true);
    await v.page.waitForFunction(() => document.querySelector('[data-role="backend"]')?.textContent === 'WebGPU');
    assert.equal(cpu.preprocess, null, 'a tensor is used as it is');
    const worst = [cpu, gpu].map(({ outputs }) => near(outputs[0].data, output));
    t.diagnostic(`off by ${worst.map((x) => x.toExponential(1)).join(' and ')}, ${(memory / 1e6).toFixed(1)} MB`);
  });
}

test('the text of an error is explained by the module', async (t) => {
  const v = await opened(t, 'cifar8v1_full__tf215.h5');
  await v.page.fill('[data-view="error"] textarea', 'Traceback …\nValueError: Unknown layer: Functional');
  await v.page.waitForSelector('[data-view="error"] .judged');
  const words = await v.text('[data-view="error"]');
  for (const expected of ['call the class of a model', 'What to do', 'Keras 2.0 to 2.3', 'unknown-functional']) {
    assert.ok(words.includes(expected), expected);
  }
});

test('a picture is predicted, five classes on screen', async (t) => {
  const v = await opened(t, 'cifar8v1_full__tf215.h5');
  const picture = await v.page.screenshot({ clip: { x: 0, y: 0, width: 90, height: 60 } });
  await v.drop({ name: 'page.png', mimeType: 'image/png', buffer: picture });
  const [{ prediction }] = await v.heard('prediction');
  assert.equal((await v.top()).length, 5);
  assert.notEqual(prediction.preprocess, null);
  assert.ok(await v.page.locator('.thumb').evaluate((image) => image.naturalWidth === 90));
});

const BAD = [
  ['empty.h5', 'not a model', 'empty'],
  ['text_not_a_model.h5', 'not a model', 'not-hdf5'],
  ['html_404.h5', 'not a model', 'not-hdf5'],
  ['git_lfs_pointer.h5', 'not a model', 'not-hdf5'],
  ['truncated_s2.h5', 'problems', 'truncated'],
  ['one_shape_wrong_s.h5', 'problems', 'shape-mismatch'],
  ['nan_one_s.h5', 'problems', 'nan'],
  ['lambda_full__tf215.h5', 'unsafe', 'lambda'],
  ['cifar8v1_weights__tf215.h5', 'ok', 'weights-only'],
];

for (const [name, state, finding] of BAD) {
  test(`${name}: ${state}, ${finding}`, async (t) => {
    const v = await opened(t, name);
    const verdict = await v.verdict();
    assert.equal(verdict.state, state);
    assert.match(verdict.sentence, /^[A-Z].*\.$/);
    assert.ok(codes(await v.findings()).includes(finding), JSON.stringify(await v.findings()));
    assert.equal(await v.page.locator('.trouble').count(), 0);
  });
}

test('a custom layer: all is verified, only the prediction is refused, by the layer’s name', async (t) => {
  const v = await opened(t, 'custom_layer_full__tf215.h5');
  assert.equal((await v.verdict()).state, 'problems');
  const found = (await v.findings()).filter(({ code }) => code.includes('unknown-layer'));
  assert.ok(found[0].message.includes('ScaleShift'), JSON.stringify(found));
  await v.openLayers();
  assert.equal(await v.text('.layers .amount'), '31');
  assert.ok((await v.text('[data-view="prediction"]')).includes('ScaleShift'));
  await v.drop(await file('in_32_unit.npy'));
  assert.ok((await v.text('[data-view="prediction"]')).includes('ScaleShift'));
  assert.equal((await v.heard('prediction', 0)).length, 0);
});

test('a picture that is none, a tensor that does not fit, then one that does', async (t) => {
  const v = await opened(t, 'cifar8v1_full__tf215.h5');
  await v.drop(text('cat.png', 'No picture at all.', 'image/png'));
  await v.page.waitForSelector('.failure');
  assert.match(await v.text('.failure'), /^No prediction\. [A-Z].*\.$/);
  assert.ok((await v.text('.no-thumb')).includes('cat.png'));
  const whole = await readFile(path('in_32_unit.npy'));
  await v.drop({ name: 'half.npy', mimeType: '', buffer: whole.subarray(0, 6000) });
  await v.page.waitForFunction(() => document.querySelector('.failure')?.textContent.includes('.npy'));
  await v.drop({ name: 'in_32_unit.npy', mimeType: '', buffer: whole });
  assert.equal((await v.top()).length, 5);
});

test('a tensor with no model open is checked like any file', async (t) => {
  const v = await opened(t, 'in_32_unit.npy');
  assert.equal((await v.verdict()).state, 'not a model');
});

test('cancel in the middle, and what was known stays', async (t) => {
  const v = await shared.visit(t, { listening: true });
  await v.dropPath(await longFile(t));
  await v.page.waitForSelector('[data-stage="digest"][aria-current="step"]');
  await v.page.click('[data-role="cancel"]');
  await v.phase('stopped');
  assert.equal((await v.verdict()).state, 'stopped');
  assert.ok((await v.text('[data-role="report"]')).includes('keras_version 2.15.0'));
  assert.equal((await v.heard('report', 0)).filter(({ final }) => final).length, 0);
  await v.drop(await file('transfer_full__k315.h5'));
  await v.phase('done');
  assert.ok((await v.text('.about')).includes('Keras 3.15.1'));
});

test('a second file dropped while the first is being read replaces it', async (t) => {
  const v = await shared.visit(t, { listening: true });
  await v.dropPath(await longFile(t));
  await v.heard('report');
  await v.drop(await file('cifar8v1_full__k122_tf.h5'));
  await v.phase('done');
  assert.ok((await v.text('.about')).includes('Keras 1.2.2'));
  const final = (await v.heard('report')).filter((message) => message.final);
  assert.deepEqual(final.map(({ report }) => report.file.name), ['cifar8v1_full__k122_tf.h5']);
});

const pairOf = (v) => v.text('[data-view="pair"]');

test('a model and weights dropped together: what every runtime does with both, layer beside layer', async (t) => {
  const v = await shared.visit(t, { listening: true });
  await v.drop(await file('cifar8v1_weights__tf215.h5'), await file('cifar8v1_full__tf215.h5'));
  const [{ pair }] = await v.heard('paired');
  assert.deepEqual([pair.model, pair.weights], ['cifar8v1_full__tf215.h5', 'cifar8v1_weights__tf215.h5']);
  const words = await pairOf(v);
  for (const expected of ['By place, 17 of 17 layers fit; 17 are stored.', 'load_weights(by_name=True)', 'All layers side by side: 17']) {
    assert.ok(words.includes(expected), words);
  }
});

test('weights dropped beside a model that they do not fit: the layers that differ', async (t) => {
  const v = await opened(t, 'one_shape_wrong_s.h5');
  await v.page.setInputFiles('[data-role="other-picker"]', path('cifar8v1_weights__tf215.h5'));
  const [{ pair }] = await v.heard('paired');
  const misfits = pair.alignment.filter(({ verdict }) => verdict !== 'fits');
  assert.equal(await v.page.locator('.pairs').first().locator('tbody tr').count(), (misfits.length ? misfits : pair.alignment).length);
});

test('two files that are no pair', async (t) => {
  const v = await opened(t, 'cifar8v1_weights__tf215.h5');
  await v.page.setInputFiles('[data-role="other-picker"]', path('text_not_a_model.h5'));
  await v.page.waitForFunction(() => document.querySelector('[data-view="pair"]').innerText.includes('are no pair'));
});
