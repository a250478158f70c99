// Usage: node node.js PACKAGE SCENARIO ENDPOINT KEY SECRET
const { createRequire } = require("module");
const path = require("path");
const [packages, scenario, endpoint, key, secret] = process.argv.slice(2);
if (!globalThis.crypto) globalThis.crypto = require("crypto").webcrypto;
globalThis.library = createRequire(path.join(packages, "any.js"));
require("./steps.js");
require("./" + scenario + ".js");
globalThis.scenario({ endpoint, key, secret, browser: false })
  .then((report) => console.log("\n" + JSON.stringify(report)));
