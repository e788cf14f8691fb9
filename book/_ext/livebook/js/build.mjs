/* Bundles the page's scripts, and lists the files they are made of: node build.mjs OUTPUT */
import { writeFile } from "node:fs/promises";
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
  define: { "process.env.NODE_ENV": '"production"', global: "globalThis" },
});
const worker = await build({ ...common, entryPoints: ["src/worker.js"], format: "iife", loader: { ".py": "text" } });
const styles = await build({ ...common, entryPoints: ["src/live.css", "src/alive.css"], loader: { ".svg": "dataurl" } });

const inputs = [live, worker, styles].flatMap(({ metafile }) => Object.keys(metafile.inputs));
await writeFile(`${outdir}/inputs.json`, JSON.stringify(inputs.sort()));
