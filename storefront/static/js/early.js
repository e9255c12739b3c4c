/* Runs before the page is drawn, so that theme and "my shop" do not flash. Reads, never writes. */
(() => {
  const root = document.documentElement;
  root.classList.add("has-js");
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch { /* private mode */ }
  const cookie = document.cookie.split("; ").find((part) => part.startsWith("shop="));
  const code = cookie ? cookie.slice(5) : "";
  const pair = (root.dataset.shops || "").split(",").map((part) => part.split(":")).find((part) => part[0] === code);
  if (pair) root.dataset.shop = pair[1];
})();
