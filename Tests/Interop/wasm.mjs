// Runs a prediction that was compiled to WebAssembly: node wasm.mjs MODULE PREDICT PIXELS SCORES < IMAGES > SCORES.
// The module has no memory but its own and no imports: nothing of a C library's runs.
import { readFileSync, writeSync } from "node:fs";

const [path, predict, pixels, scores] = process.argv.slice(2);
const images = readFileSync(0);
const module = await WebAssembly.compile(readFileSync(path));
if (WebAssembly.Module.imports(module).length > 0) throw new Error("the module imports something");
const { exports } = await WebAssembly.instantiate(module);
const before = exports.memory.buffer.byteLength;
const [size, count] = [Number(pixels), Number(scores)];
const input = exports.__heap_base.value;
const output = (input + size + 15) & ~15;
const missing = output + 4 * count - before;
if (missing > 0) exports.memory.grow(Math.ceil(missing / 65536));
const memory = exports.memory.buffer;
const result = Buffer.alloc((images.length / size) * 4 * count);
for (let image = 0; image * size < images.length; image++) {
  new Uint8Array(memory, input, size).set(images.subarray(image * size, (image + 1) * size));
  if (exports[predict](input, output) < 0) throw new Error(`image ${image} was refused`);
  Buffer.from(memory, output, 4 * count).copy(result, image * 4 * count);
}
for (let written = 0; written < result.length; ) written += writeSync(1, result, written);
