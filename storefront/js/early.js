/* Runs before the page is drawn, so that theme and "my shop" do not flash. Reads, never writes. */
const root = document.documentElement;
/* Without constructed style sheets (browsers before 2023) nothing is marked, as if no shop were chosen. */
const sheet = "replaceSync" in CSSStyleSheet.prototype ? new CSSStyleSheet() : null;
const codes = sheet ? (root.dataset.shops || "").split(",") : [];

function readTheme() {
  let theme = null;
  try {
    theme = localStorage.getItem("theme");
  } catch {
    /* private mode */
  }
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  else delete root.dataset.theme;
}

/* Hide the parts of other shops and mark those of the chosen one. The rule is made from the shop's code, so that
   the style sheets need not list any. */
function readShop() {
  const cookie = document.cookie.split("; ").find((part) => part.startsWith("shop="));
  const code = cookie ? cookie.slice(5) : "";
  if (!code || !codes.includes(code)) {
    delete root.dataset.shop;
    sheet?.replaceSync("");
    return;
  }
  root.dataset.shop = code;
  sheet.replaceSync(`
    [data-of]:not([data-of="${code}"]) { display: none !important; }
    [data-row-of="${code}"] { --row-ground: var(--z-surface); }
    [data-out~="${code}"] { --out-opacity: 0.45; --out-filter: grayscale(0.6); }`);
}

root.classList.add("has-js");
if (sheet) document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
readTheme();
readShop();
document.addEventListener("shop:chosen", readShop);
/* A page restored from the browser's back/forward cache may be older than the choice. */
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    readTheme();
    readShop();
  }
});
