// Builds the scripts that browsers load: each is one file that imports nothing, so that its name can carry the hash of
// all it does. With --check it compares them instead and writes nothing.
const fs = require("node:fs");
const path = require("node:path");
const { buildSync } = require("esbuild");

// What templates name, without ".js", and the source of each. Two on one page, such as board and panel, have a copy each
// of what they import, so state at the level of a module is not shared between them: they talk by events.
const SCRIPTS = {
  "storefront/static/js/early": "storefront/js/early.js",
  "storefront/static/js/storefront": "storefront/js/storefront.js",
  "storefront/static/js/staff/board": "storefront/js/staff/board.js",
  "storefront/static/js/staff/keys": "storefront/js/staff/keys.js",
  "storefront/static/js/staff/panel": "storefront/js/staff/panel.js",
  "storefront/static/js/staff/scan": "storefront/js/staff/scan.js",
  "storefront/static/js/staff/screen": "storefront/js/staff/screen.js",
  "storefront/static/js/staff/slip": "storefront/js/staff/slip.js",
  "products/static/products/variants": "products/js/variants.js",
  "stock/static/stock/time_zone": "stock/js/time_zone.js",
  "accounts/static/accounts/show_password": "accounts/js/show_password.js",
};

const root = path.dirname(__dirname);
const { outputFiles } = buildSync({
  absWorkingDir: root,
  entryPoints: SCRIPTS,
  outdir: ".",
  bundle: true,
  minify: true,
  // Some are loaded as modules and some are not: a function around each suits both, and nothing becomes global.
  format: "iife",
  // The newest syntax that the minifier may write; sources use no newer.
  target: "es2022",
  write: false,
});

const isCheck = process.argv.includes("--check");
for (const { path: file, contents } of outputFiles) {
  if (!isCheck) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, contents);
  } else if (!fs.existsSync(file) || !fs.readFileSync(file).equals(contents)) {
    console.error(`${path.relative(root, file)} is not what its source says: run "make js".`);
    process.exitCode = 1;
  }
}
