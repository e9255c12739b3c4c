// Opens an order beside the board: in the rail on wide screens, in a sheet below that, on its page on phones.

const sheet = document.getElementById("sheet");
const wide = matchMedia("(min-width: 75rem)");
const roomy = matchMedia("(min-width: 48rem)");
let opened = null;

const place = () => (wide.matches ? document.querySelector(".rail [data-panel]") : sheet.querySelector("[data-sheet-body]"));

async function open(url) {
  const answer = await fetch(`${url.split("#")[0]}?panel=1`, { cache: "no-store", redirect: "manual" });
  if (!answer.ok) return location.assign(url);
  show(await answer.text(), url);
}

function show(html, url) {
  opened = url;
  const target = place();
  target.innerHTML = html;
  target.hidden = false;
  if (!wide.matches && !sheet.open) sheet.showModal();
  const title = target.querySelector("#order-title");
  if (title) { title.tabIndex = -1; title.focus({ preventScroll: true }); }
}

async function post(event) {
  const form = event.target.closest("[data-panel] form, [data-sheet-body] form");
  if (!form || !opened) return;
  event.preventDefault();
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form, event.submitter) });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const notice = answer.ok ? null : page.querySelector(".notice");
  await open(opened);
  if (notice) place().prepend(notice);
  document.dispatchEvent(new Event("staff:refresh"));
}

document.addEventListener("click", (event) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey || !roomy.matches) return;
  const link = event.target.closest("[data-open-order]");
  if (link) {
    event.preventDefault();
    link.closest("details")?.removeAttribute("open");
    open(link.href).catch(() => location.assign(link.href));
  }
  const recall = event.target.closest("[data-sheet-of]");
  const source = recall && document.getElementById(recall.dataset.sheetOf);
  if (source) {
    event.preventDefault();
    opened = null;
    sheet.querySelector("[data-sheet-body]").replaceChildren(...[...source.cloneNode(true).childNodes]);
    sheet.showModal();
  }
});
document.addEventListener("submit", (event) => {
  if (event.submitter?.getAttribute("form") === "act") { if (sheet.open) sheet.close(); return; }
  post(event);
});
sheet?.querySelector("[data-sheet-close]").addEventListener("click", () => sheet.close());
sheet?.addEventListener("click", (event) => { if (event.target === sheet) sheet.close(); });
