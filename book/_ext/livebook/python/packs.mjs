// Compresses files as browsers unpack them while they come: node packs.mjs FILE TARGET ...
import { readFileSync, writeFileSync } from "node:fs";
import * as zlib from "node:zlib";

const { ZSTD_c_compressionLevel: level, ZSTD_c_windowLog: window } = zlib.constants;
if (!zlib.zstdCompressSync) {
  console.error("Error: this Node has no zstd");
  process.exit(1);
}
const [...files] = process.argv.slice(2);
while (files.length) {
  const [source, target] = files.splice(0, 2);
  // A larger window saves next to nothing, and is moved in memory with every block.
  writeFileSync(target, zlib.zstdCompressSync(readFileSync(source), { params: { [level]: 22, [window]: 22 } }));
}
