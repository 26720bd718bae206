// A second press on the button of a form, while the first is on its way, sends nothing
// more: what makes something would make it twice, or be told that it is there already.
// After "back", or where no answer comes, the button works again.
"use strict";

(function () {
  const patience = 10000; // in ms, after which somebody may press again
  const sent = new WeakMap();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (Date.now() - (sent.get(form) || -patience) < patience) { event.preventDefault(); return; }
    sent.set(form, Date.now());
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) for (const form of document.forms) sent.delete(form);
  });
}());
