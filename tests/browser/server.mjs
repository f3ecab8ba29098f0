// A static file server for the tests: no dependencies, one folder, and folders laid over it.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
};

const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** The file that a URL path stands for: `over` maps path prefixes to folders that win over `root`. */
function locate(path, root, over) {
  const clean = normalize(decodeURIComponent(path)).split(sep).filter((part) => part !== '..').join('/');
  const name = clean.endsWith('/') ? `${clean}index.html` : clean;
  const prefix = Object.keys(over).find((start) => name.startsWith(start));
  return prefix ? join(over[prefix], name.slice(prefix.length)) : join(root, name);
}

async function answer(request, response, { root, over, isolated, seen }) {
  const path = new URL(request.url, 'http://x').pathname;
  seen.push({ method: request.method, path, at: performance.now() });
  const headers = { 'cache-control': 'no-store', ...(isolated ? ISOLATION : {}) };
  try {
    const body = await readFile(locate(path, root, over));
    response.writeHead(200, { ...headers, 'content-type': TYPES[extname(path) || '.html'] ?? 'application/octet-stream' });
    response.end(body);
  } catch {
    response.writeHead(404, headers).end('not found');
  }
}

/** Listens on a free port of 127.0.0.1 and answers with what `handle` does. */
export async function listen(handle, upgrade) {
  const server = createServer(handle);
  if (upgrade) server.on('upgrade', upgrade);
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const close = () => new Promise((done) => {
    server.close(done);
    server.closeAllConnections();
  });
  return { origin, close };
}

/**
 * Serves the folder `root`.
 * @param {{root: string, over?: Record<string, string>, isolated?: boolean}} options `over`: folders by URL prefix
 *   (`/pkg/`) that win over `root`; `isolated`: send COOP and COEP (off, as on most static hosts).
 * @returns {Promise<{origin: string, seen: {method: string, path: string, at: number}[], close: () => Promise<void>}>}
 */
export async function serve({ root, over = {}, isolated = false }) {
  const seen = [];
  const { origin, close } = await listen((request, response) => answer(request, response, { root, over, isolated, seen }));
  return { origin, seen, close };
}

/** Another origin that welcomes everything (CORS open) and records every request and WebSocket that reaches it. */
export async function elsewhere() {
  const received = [];
  const record = (request) => received.push(`${request.method} ${request.url}`);
  const { origin, close } = await listen((request, response) => {
    record(request);
    response.writeHead(200, { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }).end('ok');
  }, (request, socket) => {
    record(request);
    socket.destroy();
  });
  return { origin, received, close };
}
