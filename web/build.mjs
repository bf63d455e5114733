// Bundles the page into dist/, which is committed: names hold a hash of the content, and
// the same source gives the same bytes. With --unit it bundles the unit tests instead.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const target = ["chrome123", "firefox120", "safari17.5"];

process.chdir(fileURLToPath(new URL(".", import.meta.url)));

if (process.argv.includes("--unit")) {
  await bundle(readdirSync("test").filter((name) => name.endsWith("_test.ts")).map((name) => join("test", name)), {
    platform: "node",
    format: "esm",
    outdir: "test/out",
    outExtension: { ".js": ".test.mjs" },
  });
} else {
  await page();
}

async function page() {
  rmSync("dist", { recursive: true, force: true });
  mkdirSync("dist/assets", { recursive: true });
  const made = await bundle(["src/main.ts", "src/paint.ts", "src/styles.css"], {
    write: false,
    minify: true,
    format: "esm",
    target,
    legalComments: "none",
    outdir: "dist",
  });
  const embed = await bundle(["src/embed.ts"], {
    write: false, minify: true, format: "iife", target, legalComments: "none", outdir: "dist", loader: { ".css": "text" },
  });
  // Pages name it, so its name stays.
  writeFileSync("dist/embed.js", embed.outputFiles[0].contents);
  const files = made.outputFiles.map(({ path, contents }) => [basename(path), contents]);
  files.push(["icon.svg", readFileSync("src/icon.svg")]);
  let html = readFileSync("src/index.html", "utf8").replace(/\n\s+/g, "\n");
  for (const [name, contents] of files) {
    const hashed = `assets/${hashedName(name, contents)}`;
    writeFileSync(join("dist", hashed), contents);
    html = html.replace(`"${name}"`, `"${hashed}"`);
  }
  writeFileSync("dist/index.html", html);
}

function bundle(entryPoints, options) {
  return build({ entryPoints, bundle: true, logLevel: "warning", charset: "utf8", ...options });
}

function hashedName(name, contents) {
  const hash = createHash("sha256").update(contents).digest("hex").slice(0, 10);
  return `${basename(name, extname(name))}-${hash}${extname(name)}`;
}
