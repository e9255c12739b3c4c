// Sentences with a number in the plural form of the page's language, chosen among samples in the markup:
// [data-counted=name] holds one [data-sample=number] for every form.

export const counted = (root, name, number) => {
  const rules = new Intl.PluralRules(document.documentElement.lang || "en");
  const samples = [...root.querySelectorAll(`[data-counted="${name}"] > [data-sample]`)];
  const form = rules.select(number);
  const alike = samples.find(({ dataset }) => rules.select(Number(dataset.sample)) === form) ?? samples.at(-1);
  return alike.textContent.trim().replace(new RegExp(`\\b${alike.dataset.sample}\\b`), String(number));
};
