// Numbers and shapes as people read them.

const WHOLE = new Intl.NumberFormat('en');
const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** 25636712 → `25,636,712`; what is not a number stays a dash. */
export const count = (value) => (Number.isFinite(value) ? WHOLE.format(value) : '—');

/** 102967424 → `103 MB`, in powers of 1000 with three digits. */
export function bytes(value) {
  if (!Number.isFinite(value)) return '—';
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3));
  const scaled = value / 1000 ** power;
  const digits = power === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(scaled)));
  return `${scaled.toFixed(digits)} ${UNITS[power]}`;
}

/** `[null, 224, 224, 3]` → `(None, 224, 224, 3)`, as Keras writes it; a string stays as it is. */
export function shape(value) {
  if (value === null || value === undefined) return '—';
  if (!Array.isArray(value)) return String(value);
  if (value.some(Array.isArray)) return value.map(shape).join(', ');
  const items = value.map((item) => (item === null ? 'None' : String(item)));
  return `(${items.join(', ')}${items.length === 1 ? ',' : ''})`;
}

/** A statistic with four significant digits. */
export function number(value) {
  if (!Number.isFinite(value)) return '—';
  if (value === 0) return '0';
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e5 ? String(Number(value.toPrecision(4))) : value.toExponential(2);
}

/** 0.97312 → `97.31 %`. */
export function percent(value) {
  if (!Number.isFinite(value)) return '—';
  const hundred = value * 100;
  return hundred > 0 && hundred < 0.01 ? '< 0.01 %' : `${hundred.toFixed(2)} %`;
}

/** Milliseconds: `0.4 ms`, `38 ms`, `2.31 s`. */
export function millis(value) {
  if (!Number.isFinite(value)) return '—';
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`;
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`;
}
