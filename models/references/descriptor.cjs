// Runs face-api's own descriptor network on 150 × 150 RGB bytes from standard input and prints the 128 numbers.
// Packages: @vladmandic/face-api 1.7.15, @tensorflow/tfjs 4.22.0, @tensorflow/tfjs-backend-wasm 4.22.0.
const fs = require("fs");
const path = require("path");

const load = (name) => require(require.resolve(name, { paths: [process.cwd()] }));
const tf = load("@tensorflow/tfjs");
const faceapi = load("@vladmandic/face-api/dist/face-api.node-wasm.js");

async function main() {
  await tf.setBackend("cpu");
  const manifestPath = require.resolve("@vladmandic/face-api/package.json", { paths: [process.cwd()] });
  const base = path.join(path.dirname(manifestPath), "model", "face_recognition_model");
  const manifest = JSON.parse(fs.readFileSync(`${base}-weights_manifest.json`));
  const weights = new Uint8Array(fs.readFileSync(`${base}.bin`)).buffer;
  const network = faceapi.nets.faceRecognitionNet;
  network.loadFromWeightMap(tf.io.decodeWeights(weights, manifest.flatMap((group) => group.weights)));
  const pixels = tf.tensor3d(new Float32Array(fs.readFileSync(0)), [150, 150, 3]);
  console.log(JSON.stringify(Array.from(await network.computeFaceDescriptor(pixels))));
}

main();
