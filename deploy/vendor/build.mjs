// Builds app/static/vendor. Usage:  npm ci && node build.mjs [output-folder]
// chrome80 is the oldest WebView still seen on grid workers' phones; every bundle is lowered to it and to ES2019.
import { build, transform } from "esbuild";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { PurgeCSS } from "purgecss";
import { ICONS } from "./icons.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, "../../app/static/vendor"));
const packages = join(here, "node_modules");
const common = {
  bundle: true,
  minify: true,
  target: ["chrome80", "es2019"],
  legalComments: "none", // the licence files stand beside the bundles
  logLevel: "warning",
};

async function script(entry, outfile) {
  await build({ ...common, format: "iife", entryPoints: [join(here, entry)], outfile: join(out, outfile) });
}

async function stylesheet(entry, outfile) {
  await build({ ...common, loader: { ".svg": "dataurl" }, entryPoints: [join(packages, entry)], outfile: join(out, outfile) });
}

// What the pages could use of Bootstrap, less what none does. Kept whole: families whose names are put together in
// templates (btn-{{ kind }}), the utilities people reach for, and what Bootstrap's own scripts and FAB put on.
const KEPT = [
  /^btn/, /^form-/, /^(is-in)?valid/, /^table/, /^dropdown/, /^drop/, /^offcanvas/, /^modal/, /^collaps/, /^fade$/,
  /^show/, /^hiding$/, /^page-/, /^pagination/, /^visually-hidden/, /^input-group/, /^nav/, /^tab-/, /^active$/,
  /^disabled$/, /^d-(none|block|inline|inline-block|flex|grid|print-none)$/, /^d-(md|lg)-(none|block|flex|inline)$/,
  /^[mp][tbsexy]?-[0-5]$/, /^m[tbsexy]?-auto$/, /^gap-[0-5]$/, /^(flex|align-items|justify-content)-/, /^w-/, /^h-100$/,
  /^text-(start|end|center|nowrap|break|muted|danger|success|warning|body)/, /^fw-/, /^fs-/, /^small$/, /^row$/,
  /^col(-(md|lg))?(-\d+|-auto)?$/, /^g-[0-4]$/, /^position-/, /^float-/, /^rounded/, /^border/, /^list-/,
];

async function purgedBootstrap(outfile) {
  const source = readFileSync(join(packages, "bootstrap/dist/css/bootstrap.css"), "utf8");
  const app = join(here, "../../app");
  const [{ css }] = await new PurgeCSS().purge({
    css: [{ raw: source }],
    content: [`${app}/templates/**/*.html`, `${app}/static/js/*.js`, `${app}/views/**/*.py`],
    safelist: { standard: KEPT, variables: [/^--bs-/] },
    keyframes: true,
  });
  const { code } = await transform(css, { loader: "css", minify: true, target: "chrome80", legalComments: "none" });
  writeFileSync(join(out, outfile), code);
  // Every class Bootstrap knows: a test compares what templates say with what was kept.
  const known = [...new Set([...source.matchAll(/\.(-?[a-z][\w-]*)/g)].map((match) => match[1]))].sort();
  writeFileSync(join(here, "bootstrap-classes.txt"), known.join("\n") + "\n");
}

function sprite(names, outfile) {
  const symbols = names.map((name) => {
    const svg = readFileSync(join(packages, "bootstrap-icons/icons", `${name}.svg`), "utf8");
    const shape = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/\s*\n\s*/g, "");
    return `<symbol id="${name}" viewBox="0 0 16 16" fill="currentColor">${shape}</symbol>`;
  });
  writeFileSync(join(out, outfile), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

function licences(names) {
  mkdirSync(join(out, "licenses"), { recursive: true });
  for (const name of names) {
    // echarts keeps the licence of the d3 code inside it in a sub-folder of its own
    for (const folder of [join(packages, name), join(packages, name, "licenses")].filter(existsSync)) {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (!entry.isFile() || !/^(licen[cs]e|notice)/i.test(entry.name)) continue;
        const kind = entry.name.replace(/\.(md|txt)$/i, "").toUpperCase();
        copyFileSync(join(folder, entry.name), join(out, "licenses", `${name.replace("@", "").replace("/", "-")}.${kind}.txt`));
      }
    }
  }
}

mkdirSync(out, { recursive: true });
await script("bootstrap.entry.js", "bootstrap.js");
await script("tom-select.entry.js", "tom-select.js");
await script("echarts.entry.js", "echarts.js");
await purgedBootstrap("bootstrap.css");
await stylesheet("tom-select/dist/css/tom-select.bootstrap5.css", "tom-select.css");
sprite(ICONS, "icons.svg");
licences(["bootstrap", "@popperjs/core", "bootstrap-icons", "echarts", "zrender", "tslib", "tom-select"]);
