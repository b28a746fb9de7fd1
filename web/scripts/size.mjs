// Fails when what a route loads at first is over its budget of compressed script: the entry, the shell, the page, and all they import.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET_KB = 400;
const manifestPath = 'dist/.vite/manifest.json';
if (!existsSync(manifestPath)) {
  process.stderr.write('size: there is no dist/.vite/manifest.json; run npm run build first\n');
  process.exit(1);
}
const manifest = JSON.parse(readFileSync(manifestPath, 'utf8'));
const sizes = new Map();

function sizeOf(file) {
  if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(`dist/${file}`), { level: 9 }).length);
  return sizes.get(file);
}

/** All files of script that come before anything is seen: a chunk and what it imports at once. */
function files(key, found) {
  const chunk = manifest[key];
  if (!chunk || found.has(chunk.file)) return found;
  if (chunk.file.endsWith('.js')) found.add(chunk.file);
  for (const other of chunk.imports ?? []) files(other, found);
  return found;
}

const always = new Set();
for (const key of ['index.html', 'src/shell/Shell.tsx']) files(key, always);
const pages = Object.keys(manifest).filter(
  (key) => /^src\/pages\/[^/]+\/\w+\.tsx$/.test(key) && manifest[key].isDynamicEntry,
);
if (!manifest['index.html'] || pages.length === 0) {
  process.stderr.write('size: the manifest names no entry or no page\n');
  process.exit(1);
}
let over = 0;
for (const page of pages.sort()) {
  const kb = [...files(page, new Set(always))].reduce((sum, file) => sum + sizeOf(file), 0) / 1000;
  if (kb > BUDGET_KB) over += 1;
  process.stdout.write(
    `${page.padEnd(44)} ${kb.toFixed(1).padStart(7)} kB  ${kb > BUDGET_KB ? 'too much' : 'ok'}\n`,
  );
}
const fonts = readdirSync('dist/assets').filter((file) => file.endsWith('.woff2')).length;
process.stdout.write(
  `${pages.length} routes, ${over} over the budget of ${BUDGET_KB} kB compressed script; ${fonts} fonts\n`,
);
process.exit(over === 0 ? 0 : 1);
