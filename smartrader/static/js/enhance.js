/* Smartrader · small comforts. Every page reads and works without this file; what needs it carries data-js (see base.css).
   Listeners sit on the document, so fragments that htmx swaps in need nothing. All words come from the HTML. */
"use strict";

const byId = (id) => document.getElementById(id);
const toasts = document.querySelector(".toasts");
const say = (text) => {
  const toast = Object.assign(document.createElement("p"), { className: "toast", textContent: text });
  toasts?.replaceChildren(toast);
  setTimeout(() => toast.remove(), 4000);
};

const reveal = (button) => {                                 // show or hide what was pasted or typed
  const shown = button.getAttribute("aria-pressed") === "false";
  const input = byId(button.dataset.reveal);
  if (input.classList.contains("masked")) input.toggleAttribute("data-shown", shown);
  else input.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
};

document.addEventListener("click", async ({ target }) => {
  const el = target.closest("[data-copy], [data-reveal], [data-print]");
  if (el?.hasAttribute("data-print")) print();
  if (el?.dataset.reveal) reveal(el);
  if (el?.dataset.copy) {
    try { await navigator.clipboard.writeText(el.dataset.copy); say(toasts.dataset.copied); }
    catch { say(toasts.dataset.notCopied); }
  }
});

// A double click sends once: the browser would drop the answer to the first, and with it the session of a login.
document.addEventListener("submit", (event) => {
  const { dataset } = event.target;
  if ("sent" in dataset) event.preventDefault();
  else setTimeout(() => delete dataset.sent, 2000);
  dataset.sent = "";
});

const count = (input, output) => {                           // characters pasted so far, blanks aside
  const n = input.value.replace(/\s+/g, "").length;
  const good = n === Number(output.dataset.length);
  output.textContent = n ? output.dataset.format.replace("{n}", n) + (good ? " ✓" : "") : "";
  output.dataset.tone = good ? "ok" : "warn";
};

const filter = (input) => {                                  // picker: hide what does not match
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const cards = [...document.querySelectorAll(input.dataset.filter)];
  cards.forEach((card) => {
    const name = plain(`${card.dataset.exchange} ${card.querySelector("h2").textContent}`);
    card.hidden = !name.includes(plain(input.value.trim()));
  });
  const left = cards.filter((card) => !card.hidden).length;
  const told = byId(input.getAttribute("aria-describedby"));
  told.textContent = left === 1 ? told.dataset.one : told.dataset.many.replace("{n}", left);
};

document.addEventListener("input", ({ target }) => {
  const output = document.querySelector(`output[for="${CSS.escape(target.id)}"][data-length]`);
  if (output) count(target, output);
  if (target.dataset.filter) filter(target);
});

// Steps ticked in a guide stay ticked when the phone drops the page. Never keys, only ticks.
const slot = (el) => `done:${location.pathname}:${el.name}`;
try {
  document.querySelectorAll(".done input").forEach((el) => { el.checked ||= localStorage.getItem(slot(el)) === "1"; });
  document.addEventListener("change", ({ target }) => {
    if (target.closest(".done")) localStorage.setItem(slot(target), target.checked ? "1" : "0");
  });
} catch { /* storage is off: ticks last as long as the page */ }

// Sign-up: the clock of the person's own device, so that times are theirs from the first page on.
document.querySelectorAll("[data-time-zone]").forEach((el) => { el.value = Intl.DateTimeFormat().resolvedOptions().timeZone; });

// A form came back: start at what is wrong. Only after load, when the browser has gone to the #fragment.
addEventListener("load", () => byId("errores")?.focus({ preventScroll: true }));

// The live fragment: htmx swaps it whole. What was unfolded stays so, focus is never lost, a new state is said aloud.
let unfolded = [];
let focused = false;
let said = byId("estado")?.dataset.say;
document.addEventListener("htmx:beforeSwap", ({ target }) => {
  unfolded = [...target.querySelectorAll("details[id][open]")].map((el) => el.id);
  focused = target.contains(document.activeElement);
});
document.addEventListener("htmx:afterSwap", () => {
  const link = byId("estado");
  unfolded.forEach((id) => byId(id)?.setAttribute("open", ""));
  if (focused && document.activeElement === document.body) link.querySelector("h2").focus();
  document.title = link.dataset.title;
  if (link.dataset.say !== said) say(link.dataset.say);
  said = link.dataset.say;
});
