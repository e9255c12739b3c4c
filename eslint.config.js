// Lint of the scripts that browsers run, as they are before the build.
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
  { ignores: ["*/static/**", "var/**", ".venv/**", "node_modules/**"] },
  js.configs.recommended,
  {
    files: ["*/js/**/*.js"],
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
    files: ["*.config.js", "*/*.config.js"],
    languageOptions: {
      sourceType: "commonjs",
      globals: {
        __dirname: "readonly",
        console: "readonly",
        module: "writable",
        process: "readonly",
        require: "readonly",
      },
    },
  },
];
