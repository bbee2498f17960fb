/* Passkeys: allauth's script does the work; what the browser refuses is said here, in a sentence of the page. */
"use strict";

document.addEventListener("allauth.error", (event) => {
  const box = document.getElementById("passkey-problem");
  const said = box.querySelector(`[data-when="${CSS.escape(event.detail.exception.name)}"]`) ?? box.querySelector("[data-when='']");
  box.querySelectorAll("[data-when]").forEach((sentence) => { sentence.hidden = sentence !== said; });
  box.hidden = false;
  event.preventDefault();
});
