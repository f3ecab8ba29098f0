// Draws how time and memory grow with the size of a file and with the depth of a network.
//
//   node bench/verify.mjs FOLDER/*.h5 --alone --rounds 3 --json > grown.json      FOLDER: see tools/make_large_models.py
//   node bench/plot.mjs grown.json ../../docs/images/growth.svg
import { readFileSync, writeFileSync } from 'node:fs';

const [source, target] = process.argv.slice(2);
const { files } = JSON.parse(readFileSync(source, 'utf8'));
const PANEL = { width: 300, height: 200, left: 62, top: 40, gap: 92 };
const LINES = [
  { of: 'all', name: 'with checksums', color: '#8a5a00' },
  { of: 'statistics', name: 'with statistics', color: '#0b6e4f' },
  { of: 'structure', name: 'structure, outcomes', color: '#2456a6' },
  { of: 'bare', name: 'bytes alone', color: '#777' },
];
const HEAP = [{ of: 'heap', name: 'heap', color: '#a03070' }];

const number = (name) => Number(/\d+/.exec(name)[0]);
const rows = (start) => files.filter(({ file }) => file.startsWith(start)).sort((a, b) => number(a.file) - number(b.file));
const sized = rows('size_').map((row) => ({ ...row, x: row.bytes / 1e6, heap: row.heap / 1e6 }));
const deep = rows('depth_').map((row) => ({ ...row, x: number(row.file), heap: row.heap / 1e6 }));

/** A step of 1, 2 or 5 times a power of ten, of which about four make `end`. */
function step(end) {
  const power = 10 ** Math.floor(Math.log10(end / 4));
  return power * [1, 2, 5, 10].find((factor) => factor * power * 4.5 >= end);
}

const ticks = (end) => Array.from({ length: Math.floor(end / step(end) + 1e-9) + 1 }, (_, i) => i * step(end));
const text = (x, y, words, more = '') => `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${words}</text>`;

function panel({ title, unit, data, lines, axis }, column, row) {
  const { width, height, left, top, gap } = PANEL;
  const [x0, y0] = [left + column * (width + gap), top + row * (height + gap)];
  const [endX, endY] = [Math.max(...data.map(({ x }) => x)), 1.05 * Math.max(...data.flatMap((d) => lines.map(({ of }) => d[of])))];
  const [x, y] = [(v) => x0 + (v / endX) * width, (v) => y0 + height - (v / endY) * height];
  const marks = [
    ...ticks(endX).map((v) => text(x(v), y0 + height + 16, v, 'text-anchor="middle"')),
    ...ticks(endY).map((v) => `<path d="M${x0} ${y(v).toFixed(1)}h${width}" stroke="#ddd"/>${text(x0 - 6, y(v) + 4, v, 'text-anchor="end"')}`),
  ];
  const drawn = lines.map(({ of, name, color }, i) => {
    const points = data.map((d) => `${x(d.x).toFixed(1)},${y(d[of]).toFixed(1)}`).join(' ');
    const label = text(x0 + 8, y0 + 14 + 14 * i, name, `fill="${color}"`);
    return `<polyline points="${points}" fill="none" stroke="${color}" stroke-width="2"/>${label}`;
  });
  return [text(x0, y0 - 14, `${title}, ${unit}`, 'font-weight="bold"'), ...marks, ...drawn,
    text(x0 + width / 2, y0 + height + 32, axis, 'text-anchor="middle"')].join('\n');
}

const panels = [
  panel({ title: 'Time by size', unit: 'ms', data: sized, lines: LINES, axis: 'MB' }, 0, 0),
  panel({ title: 'Time by depth', unit: 'ms', data: deep, lines: LINES, axis: 'layers (CIFAR ResNets)' }, 1, 0),
  panel({ title: 'Memory by size', unit: 'MB', data: sized, lines: HEAP, axis: 'MB' }, 0, 1),
  panel({ title: 'Memory by depth', unit: 'MB', data: deep, lines: HEAP, axis: 'layers (CIFAR ResNets)' }, 1, 1),
];
writeFileSync(target, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 780 580" font-family="sans-serif" font-size="12" fill="#333">
<rect width="780" height="580" fill="#fff"/>
${panels.join('\n')}
</svg>
`);
