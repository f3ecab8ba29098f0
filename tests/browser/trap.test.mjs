// The real module, made to trap where it checks a file: the page must call that our bug and go on with the next file.
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { site } from './helper.mjs';
import { trapping } from './wasm.mjs';

const shared = site({ real: true });
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const model = async () => ({
  name: 'secret-name.h5',
  mimeType: '',
  buffer: await readFile(here('../fixtures/models/cifar8v1_full__tf215.h5')),
});

/** Serves a module that traps, until it is told to serve the real one. */
async function brokenModule(t, { over }) {
  const folder = await mkdtemp(join(tmpdir(), 'trap-test-'));
  t.after(() => rm(folder, { recursive: true }));
  await cp(here('../../www/pkg'), folder, { recursive: true });
  const wasm = join(folder, 'resnet_verifier_bg.wasm');
  await writeFile(wasm, trapping(await readFile(wasm), 'session_check'));
  over['/pkg/'] = folder;
  return () => delete over['/pkg/'];
}

test('a trap in the real module is our bug, can be copied, and the next file is checked', async (t) => {
  const mend = await brokenModule(t, shared.server);
  const v = await shared.visit(t);
  await v.drop(await model());
  await v.phase('failed');
  assert.ok((await v.text('.trouble')).includes('That is our bug'));
  const report = await v.text('[data-role="crash"]');
  for (const words of ['message: unreachable', 'file size: 228176 bytes', 'Chrome/']) assert.ok(report.includes(words), words);
  assert.ok(!report.includes('secret-name'));
  mend();
  await v.drop(await model());
  await v.phase('done');
  assert.equal((await v.verdict()).state, 'ok');
  assert.equal(await v.page.locator('.trouble').count(), 0);
});
