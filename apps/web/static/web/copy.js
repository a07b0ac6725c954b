// Copies what stands in a field. Without this file, or where the browser lets no page write to the clipboard, the text
// is selected and copied by hand.

async function copied(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.select();
    return document.execCommand("copy");
  }
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const said = document.getElementById(`${button.dataset.copy}-copied`);
  field.addEventListener("focus", () => field.select());
  button.hidden = false;
  button.addEventListener("click", async () => {
    const words = document.getElementById("toast").dataset; // in the page's language
    said.textContent = (await copied(field)) ? words.copied : words.selected;
  });
}
