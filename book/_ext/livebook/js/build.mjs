/* Bundles the page's scripts, and lists the files they are made of: node build.mjs OUTPUT */
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const [outdir] = process.argv.slice(2);
const absent = (names) => ({
  name: "absent",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: names }, ({ path }) => ({ path, namespace: "absent" }));
    onLoad({ filter: /.*/, namespace: "absent" }, () => ({ contents: "" }));
  },
});
const common = { bundle: true, minify: true, metafile: true, outdir, logLevel: "warning", legalComments: "eof", target: "es2022" };

const worker = await build({ ...common, entryPoints: ["src/worker.js"], format: "iife", loader: { ".py": "text" } });
const styles = await build({ ...common, entryPoints: ["src/live.css", "src/alive.css"], loader: { ".svg": "dataurl" } });
// A browser's old copy of one of these is not to stand beside new scripts.
const sum = createHash("sha256");
for (const name of ["worker.js", "alive.css"]) sum.update(await readFile(`${outdir}/${name}`));
const version = sum.digest("hex").slice(0, 8);
const live = await build({
  ...common,
  entryPoints: ["src/live.js"],
  format: "esm",
  splitting: true,
  chunkNames: "[name]-[hash]",
  // ipywidgets 7 is not offered; style sheets are bundled below.
  inject: ["src/amd.js"],
  plugins: [absent(/^@jupyter-widgets\/(base|controls)7/)],
  loader: { ".css": "empty", ".svg": "text" },
  define: { "process.env.NODE_ENV": '"production"', global: "globalThis", VERSION: JSON.stringify(version) },
});

const inputs = [live, worker, styles].flatMap(({ metafile }) => Object.keys(metafile.inputs));
await writeFile(`${outdir}/inputs.json`, JSON.stringify(inputs.sort()));
