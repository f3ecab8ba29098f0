// How long a file takes from drop to verdict in Chromium, beside reading its bytes and beside h5wasm reading its datasets.
//
//   node bench/verify.mjs FILE… [--rounds N] [--alone] [--json]      in tests/browser, after `npm ci` and `cargo xtask build`
//
// Every round runs every way once, each in a new worker, so that what the machine does besides strikes all alike. Ratios
// are of the smallest times: what else runs only ever adds. `--alone` leaves h5wasm out, which takes no file of 2 GB into
// memory. CHROMIUM names another browser.
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { serve } from '../server.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values: { rounds, json, alone }, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    alone: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const OTHERS = ['h5wasm', 'h5wasm from memory'];
const WAYS = ['bare', ...(alone ? [] : OTHERS), 'verifier'];

async function measure(page, path, way) {
  await page.setInputFiles('#file', path);
  const told = await page.evaluate((given) => new Promise((done) => {
    const worker = new Worker('/bench/reader.js', { type: 'module' });
    worker.onmessage = ({ data }) => {
      worker.terminate();
      done(data);
    };
    worker.onerror = ({ message }) => done({ error: message });
    worker.postMessage({ way: given, file: document.querySelector('#file').files[0] });
  }), way);
  // What h5wasm can't do with a file is no reason not to measure the rest.
  return told.error && way === 'verifier' ? Promise.reject(new Error(told.error)) : told;
}

const least = (runs, of) => Math.min(...runs.map(of).filter((n) => n !== undefined));
const found = (millis) => (Number.isFinite(millis) ? Math.round(millis) : null);

/** One file in every way, `rounds` times; the smallest times, in milliseconds. */
async function rows(page, path) {
  const runs = Object.fromEntries(['bare', ...OTHERS, 'verifier'].map((way) => [way, []]));
  for (let round = 0; round < Number(rounds); round++) {
    for (const way of WAYS) runs[way].push(await measure(page, path, way));
  }
  const of = (way) => found(least(runs[way], ({ millis }) => millis));
  return {
    file: basename(path),
    bytes: statSync(path).size,
    bare: of('bare'),
    h5wasm: of('h5wasm'),
    // Without the time for bringing the file into memory.
    h5wasmFromMemory: found(least(runs['h5wasm from memory'], ({ opened }) => opened)),
    structure: found(least(runs.verifier, ({ done }) => done.structure)),
    statistics: found(least(runs.verifier, ({ told }) => told.at(-1))),
    all: of('verifier'),
    heap: Math.max(...runs.verifier.map(({ heap }) => heap)),
  };
}

const ratio = (a, b) => (b ? (a / b).toFixed(2) : '—');

function say(row) {
  const { file, bare, h5wasm, h5wasmFromMemory, structure, statistics, all, heap } = row;
  console.log(`${file}: bytes alone ${bare} ms, h5wasm's datasets ${h5wasm} ms (from memory ${h5wasmFromMemory} ms)
  structure and outcomes after ${structure} ms, with statistics of all weights ${statistics} ms, with checksums ${all} ms
  verdict with statistics: ${ratio(statistics, h5wasm)} of h5wasm's time (${ratio(statistics, h5wasmFromMemory)} from memory), ${ratio(statistics, bare)} of the bare read
  with checksums: ${ratio(all, h5wasm)} and ${ratio(all, bare)}; heap ${(heap / 1e6).toFixed(1)} MB`);
}

const server = await serve({
  root: here('../../../www'),
  over: { '/bench/': here('.'), '/h5wasm/': here('../node_modules/h5wasm/dist/esm') },
});
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-quic'] });
try {
  const page = await browser.newPage();
  await page.goto(`${server.origin}/bench/page.html`);
  const all = [];
  for (const path of files) {
    all.push(await rows(page, path));
    if (!json) say(all.at(-1));
  }
  if (json) console.log(JSON.stringify({ browser: browser.version(), rounds: Number(rounds), files: all }));
} finally {
  await browser.close();
  await server.close();
}
