// Bundles the page into dist/, which is committed: names hold a hash of the content, and
// the same source gives the same bytes. With --unit it bundles the unit tests instead.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const target = ["chrome123", "firefox120", "safari17.5"];

process.chdir(fileURLToPath(new URL(".", import.meta.url)));

const notice = "/* Contains marked. Copyright (c) 2018+, MarkedJS (https://github.com/markedjs/). Copyright (c) 2011-2018, Christopher Jeffrey. MIT licence: https://github.com/markedjs/marked/blob/master/LICENSE.md */";

if (process.argv.includes("--unit")) {
  await bundle(readdirSync("test").filter((name) => name.endsWith("_test.ts")).map((name) => join("test", name)), {
    platform: "node",
    format: "esm",
    outdir: "test/out",
    outExtension: { ".js": ".test.mjs" },
    define: { workerFile: '""', styleFile: '""' },
  });
} else {
  await page();
}

async function page() {
  rmSync("dist", { recursive: true, force: true });
  mkdirSync("dist/assets", { recursive: true });
  // The page names what it loads when it is needed.
  const worker = await chunk("src/reader.worker.ts", { banner: { js: notice } });
  const later = {};
  for (const name of ["rich", "inspectorview", "tokendialog"]) {
    later[`./${name}.js`] = await chunk(`src/${name}.ts`, { define: { workerFile: JSON.stringify(worker) } });
  }
  const style = await chunk("src/styles/rich.css");
  const files = await minified(["src/main.ts", "src/paint.ts", "src/styles.css"], {
    define: { styleFile: JSON.stringify(style) },
    plugins: [{
      name: "later",
      setup: (b) => b.onResolve({ filter: /^\.\// }, ({ kind, path }) =>
        kind === "dynamic-import" && later[path] ? { path: later[path], external: true } : undefined),
    }],
  });
  const [[, embed]] = await minified(["src/embed.ts"], { format: "iife", loader: { ".css": "text" } });
  // Pages name it, so its name stays.
  writeFileSync("dist/embed.js", embed);
  files.push(["icon.svg", readFileSync("src/icon.svg")]);
  let html = readFileSync("src/index.html", "utf8").replace(/\n\s+/g, "\n");
  for (const [name, contents] of files) {
    const hashed = `assets/${hashedName(name, contents)}`;
    writeFileSync(join("dist", hashed), contents);
    html = html.replace(`"${name}"`, `"${hashed}"`);
  }
  writeFileSync("dist/index.html", html);
}

/** Makes a file that is loaded later, and returns how the page's script names it. */
async function chunk(entryPoint, options) {
  const [[name, contents]] = await minified([entryPoint], options);
  const hashed = hashedName(name, contents);
  writeFileSync(join("dist/assets", hashed), contents);
  return `./${hashed}`;
}

/** Returns the name and the contents of each file that is made. */
async function minified(entryPoints, options = {}) {
  const { outputFiles } = await bundle(entryPoints, {
    write: false,
    minify: true,
    format: "esm",
    target,
    legalComments: "none",
    outdir: "dist",
    ...options,
  });
  return outputFiles.map(({ path, contents }) => [basename(path), contents]);
}

function bundle(entryPoints, options) {
  return build({ entryPoints, bundle: true, logLevel: "warning", charset: "utf8", ...options });
}

function hashedName(name, contents) {
  const hash = createHash("sha256").update(contents).digest("hex").slice(0, 10);
  return `${basename(name, extname(name))}-${hash}${extname(name)}`;
}
