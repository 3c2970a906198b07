// dockerode for the bundle, without what the daemon never calls: its builds (tar, gRPC, protobuf) are left out, and ssh2 is loaded only when
// an Engine is reached over ssh. Imported whole it costs 25 MB and 90 ms before the first question is asked (docs/bench.md).
import { readFile } from 'node:fs/promises';

/** Files whose exports nobody of ours calls. */
const leftOut =
  /[\\/](?:dockerode[\\/]lib[\\/](?:session|buildkit)\.js|tar-fs[\\/]index\.js|@balena[\\/]dockerignore[\\/].*\.js)$/;

/** A package that only docker-modem depends on is found by way of it. `__createRequire` and `__here`: see the banner in build.mjs. */
const ssh2 = `['dockerode', 'docker-modem'].reduce((from, name) => __createRequire(from.resolve(name)), __createRequire(__here))('ssh2')`;

/** Text that is replaced; a text that is not there any more fails the build. */
const changes = [
  {
    file: /[\\/]docker-modem[\\/]lib[\\/]ssh\.js$/,
    was: `var Client = require('ssh2').Client,\n  http = require('http');`,
    is: `var Client = function () { return new (${ssh2}.Client)(); },\n  http = require('http');`,
  },
  {
    // For a debug line that is printed only with DEBUG=modem, every call of the Engine would have its options written out.
    file: /[\\/]docker-modem[\\/]lib[\\/]modem\.js$/,
    was: `debug('Sending: %s', util.inspect(options, {`,
    is: `if (debug.enabled) debug('Sending: %s', util.inspect(options, {`,
  },
];

export const leanDockerode = {
  name: 'lean-dockerode',
  setup(build) {
    build.onLoad({ filter: leftOut }, () => ({
      contents: `module.exports = function () { throw new Error('not in this bundle'); };`,
      loader: 'js',
    }));
    for (const { file, was, is } of changes) {
      build.onLoad({ filter: file }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        if (!text.includes(was)) throw new Error(`${path} is not what tools/lean-dockerode.mjs knows`);
        return { contents: text.replace(was, is), loader: 'js' };
      });
    }
  },
};
