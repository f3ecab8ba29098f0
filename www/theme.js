// Light or dark: the system's choice until the person makes another. Loaded before the first paint.
import { WORDS } from './words.js';

const KEY = 'theme';
const system = matchMedia('(prefers-color-scheme: dark)');

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // Storage may be forbidden; the choice then lasts as long as the page.
  }
}

function store(theme) {
  try {
    if (theme) localStorage.setItem(KEY, theme);
    else localStorage.removeItem(KEY);
  } catch {
    // See `stored`.
  }
}

const systemTheme = () => (system.matches ? 'dark' : 'light');
const shown = () => document.documentElement.dataset.theme ?? systemTheme();

function apply(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

/** Makes `button` switch between light and dark. Choosing what the system has means following it again. */
export function bindThemeButton(button) {
  const label = () => button.setAttribute('aria-label', shown() === 'dark' ? WORDS.theme.light : WORDS.theme.dark);
  button.addEventListener('click', () => {
    const wanted = shown() === 'dark' ? 'light' : 'dark';
    const choice = wanted === systemTheme() ? null : wanted;
    apply(choice);
    store(choice);
    label();
  });
  system.addEventListener('change', label);
  label();
}

apply(['light', 'dark'].find((theme) => theme === stored()));
