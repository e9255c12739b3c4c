/* A toggle after each password field of the CMS that may be read while it is typed. */
function addToggle(field) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button-small button-secondary w-mt-1";
  button.textContent = field.dataset.showPassword;
  button.setAttribute("aria-controls", field.id);
  button.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.textContent = shown ? field.dataset.showPassword : field.dataset.hidePassword;
  });
  field.after(button);
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("input[data-show-password]").forEach(addToggle);
});
