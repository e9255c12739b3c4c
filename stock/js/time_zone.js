// A shop's time zone: proposes the browser's own where none is chosen, and says what time it is there.

const timeIn = (zone) =>
  new Intl.DateTimeFormat(document.documentElement.lang || "en", {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
  }).format(new Date());

const say = (select, output) => {
  output.textContent = select.value ? select.dataset.textNow.replace("00:00", timeIn(select.value)) : "";
};

for (const select of document.querySelectorAll("[data-time-zone]")) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!select.value && select.querySelector(`option[value="${own}"]`)) {
    select.value = own;
  }
  const output = document.createElement("output");
  output.className = "help w-block w-mt-1";
  select.after(output);
  select.addEventListener("change", () => say(select, output));
  setInterval(() => say(select, output), 10_000);
  say(select, output);
}
