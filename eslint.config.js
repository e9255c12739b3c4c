// Lint of the scripts that browsers run. They are modules, but for those that say so.
const js = require("@eslint/js");

const names = `
  AbortController AbortSignal AudioContext CSS CSSStyleSheet CustomEvent DOMParser Event FormData HTMLElement
  HTMLFormElement IntersectionObserver Intl MutationObserver Node URL URLSearchParams addEventListener
  clearInterval clearTimeout console crypto document fetch getComputedStyle history localStorage location matchMedia
  navigator performance print queueMicrotask requestAnimationFrame scrollTo scrollY sessionStorage setInterval
  setTimeout window
`;
const browser = Object.fromEntries(
  names
    .trim()
    .split(/\s+/)
    .map((name) => [name, "readonly"]),
);

module.exports = [
  { ignores: ["**/vendor/**", "var/**", ".venv/**", "node_modules/**"] },
  js.configs.recommended,
  {
    files: ["*/static/**/*.js"],
    languageOptions: { ecmaVersion: 2023, sourceType: "module", globals: browser },
    rules: {
      eqeqeq: "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-shadow": "error",
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  {
    files: ["eslint.config.js"],
    languageOptions: { sourceType: "commonjs", globals: { require: "readonly", module: "writable" } },
  },
];
