// Proof that the page and its worker cannot reach another origin, and that the proof would notice if they could.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { site } from './helper.mjs';
import { onDisk } from './scenario.mjs';
import { elsewhere, serve } from './server.mjs';

const shared = site();
const WWW = new URL('../../www/', import.meta.url);
const BLOCKED = /Content Security Policy|Failed to load resource|CORS|WebSocket|violates/;

/** Every way out that exists both in a page and in a worker. Each is tried to the end, whatever happens. */
async function tryShared(origin) {
  const settle = (target) => new Promise((done) => {
    for (const event of ['load', 'error', 'close', 'message', 'open']) target.addEventListener(event, done);
    setTimeout(done, 3000);
  });
  const xhr = () => {
    const request = new XMLHttpRequest();
    request.open('POST', `${origin}/xhr`);
    request.send('x');
    return settle(request);
  };
  const ways = {
    fetch: () => fetch(`${origin}/fetch`, { method: 'POST', body: 'x', mode: 'no-cors' }),
    xhr,
    websocket: () => settle(new WebSocket(`${origin.replace('http', 'ws')}/websocket`)),
    eventsource: () => settle(new EventSource(`${origin}/eventsource`)),
    import: () => import(`${origin}/import`),
  };
  await Promise.allSettled(Object.values(ways).map(async (way) => way()));
  return Object.keys(ways);
}

/** The ways out that only a page has. */
async function tryPage(origin) {
  const settle = (node) => new Promise((done) => {
    node.onload = node.onerror = done;
    setTimeout(done, 1500);
  });
  const put = (tag, properties) => {
    const node = Object.assign(document.createElement(tag), properties);
    document.body.append(node);
    return settle(node);
  };
  const post = () => {
    document.body.append(Object.assign(document.createElement('iframe'), { name: 'sink' }));
    const form = Object.assign(document.createElement('form'), { action: `${origin}/form`, method: 'POST', target: 'sink' });
    document.body.append(form);
    form.submit();
    return new Promise((done) => setTimeout(done, 500));
  };
  const ways = {
    beacon: () => navigator.sendBeacon(`${origin}/beacon`, 'x'),
    img: () => put('img', { src: `${origin}/img` }),
    script: () => put('script', { src: `${origin}/script` }),
    stylesheet: () => put('link', { rel: 'stylesheet', href: `${origin}/stylesheet` }),
    frame: () => put('iframe', { src: `${origin}/frame` }),
    object: () => put('object', { data: `${origin}/object` }),
    video: () => put('video', { src: `${origin}/video` }),
    form: post,
  };
  await Promise.allSettled(Object.values(ways).map(async (way) => way()));
  return Object.keys(ways);
}

/** Tries every way out of the page and of its worker; returns what was tried and what arrived. */
async function tryAll(t, v) {
  const other = await elsewhere();
  t.after(other.close);
  const { page } = v;
  const worker = page.workers()[0] ?? await page.waitForEvent('worker');
  await page.waitForFunction(() => document.querySelector('[data-role="version"]').textContent);
  const tried = [
    ...(await worker.evaluate(tryShared, `${other.origin}/worker`)).map((way) => `/worker/${way}`),
    ...(await page.evaluate(tryShared, `${other.origin}/page`)).map((way) => `/page/${way}`),
    ...(await page.evaluate(tryPage, `${other.origin}/page`)).map((way) => `/page/${way}`),
  ];
  await new Promise((done) => setTimeout(done, 300));
  return { tried, arrived: other.received.map((line) => line.split(' ')[1]) };
}

test('neither page nor worker reaches another origin', async (t) => {
  const v = await shared.visit(t, { allow: BLOCKED });
  const { tried, arrived } = await tryAll(t, v);
  assert.equal(tried.length, 18);
  assert.deepEqual(arrived, []);
});

/** The same page without its policy, from a server: a page made up by the test driver has no address and is held back by other rules. */
async function serveOpen(t) {
  const html = readFileSync(new URL('index.html', WWW), 'utf8');
  const open = html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '');
  assert.notEqual(open, html);
  const index = await onDisk(t, { name: 'index.html', buffer: open });
  const server = await serve({ root: fileURLToPath(WWW), over: { '/index.html': index, '/pkg/': fileURLToPath(new URL('mock', import.meta.url)) } });
  t.after(server.close);
  return server;
}

test('without the policy every one of these ways works, so the proof means something', async (t) => {
  const server = await serveOpen(t);
  const v = await shared.visit(t, { allow: /./ });
  await v.page.goto(server.origin);
  const { tried, arrived } = await tryAll(t, v);
  assert.deepEqual(tried.filter((way) => !arrived.includes(way)), []);
});

test('the worker has neither WebRTC nor a window, which no policy would stop', async (t) => {
  const v = await shared.visit(t);
  const worker = v.page.workers()[0] ?? await v.page.waitForEvent('worker');
  assert.equal(await worker.evaluate(() => `${typeof RTCPeerConnection} ${typeof open} ${typeof window}`), 'undefined undefined undefined');
});

test('a worker by URL, which would not be bound by the policy, cannot be started', async (t) => {
  const v = await shared.visit(t, { allow: BLOCKED });
  const outcome = await v.page.evaluate(() => new Promise((done) => {
    try {
      const worker = new Worker('worker.js', { type: 'module' });
      worker.onerror = () => done('refused');
      worker.onmessage = () => done('started');
    } catch {
      done('refused');
    }
  }));
  assert.equal(outcome, 'refused');
});

test('a visit makes requests to its own origin only', async (t) => {
  const v = await shared.visit(t);
  const asked = [];
  v.page.on('request', (request) => asked.push(request.url()));
  await v.page.reload();
  await v.page.waitForFunction(() => document.querySelector('[data-role="version"]').textContent);
  const own = (url) => url.startsWith(`${v.server.origin}/`) || url.startsWith(`blob:${v.server.origin}/`);
  assert.ok(asked.length > 5);
  assert.deepEqual(asked.filter((url) => !own(url)), []);
});
