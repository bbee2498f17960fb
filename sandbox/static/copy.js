/* Copy buttons: everything else on these pages works without this file. */
"use strict";

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  const toast = document.querySelector(".toast");
  try {
    await navigator.clipboard.writeText(field.value);
    toast.textContent = toast.dataset.copied;
  } catch {
    field.select();
    toast.textContent = toast.dataset.notCopied;
  }
  setTimeout(() => { toast.textContent = ""; }, 4000);
});
