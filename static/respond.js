// Makes the questionnaire smoother; every page works without it.
//
// Each answer is saved in the background. While the network is away, what was
// entered on this page is kept in this browser, and removed as soon as it is
// saved. Nothing else is stored here.
"use strict";

(function () {
  const form = document.getElementById("answers");
  const focusFirst = document.querySelector("[data-focus]");
  // The first question with a problem has the focus already, by autofocus.
  if (focusFirst && !document.querySelector("#answers [autofocus]")) focusFirst.focus();

  // A second press on "Send" must not send twice, though the server would
  // count it once anyway. After "back" the button works again.
  for (const once of document.querySelectorAll("form[data-once]")) {
    once.addEventListener("submit", function (event) {
      if (once.dataset.sent) { event.preventDefault(); return; }
      once.dataset.sent = "yes";
      once.querySelector("button").setAttribute("aria-disabled", "true");
    });
    window.addEventListener("pageshow", function () {
      delete once.dataset.sent;
      once.querySelector("button").removeAttribute("aria-disabled");
    });
  }
  const sentMark = ":sent";
  function forgetArrived() {
    try {
      for (const key of Object.keys(localStorage)) {
        const here = key === "salesbench:" + location.pathname;
        if (key.startsWith("salesbench:") && !here && new URLSearchParams(localStorage.getItem(key)).has(sentMark)) localStorage.removeItem(key);
      }
    } catch (_) { /* no storage, nothing to forget */ }
  }
  forgetArrived();
  if (!form) return;

  const saved = document.getElementById("saved");
  const storeKey = "salesbench:" + location.pathname;
  const waits = [1000, 2000, 5000, 10000, 20000, 30000]; // between attempts, in ms
  let dirty = false;      // something is entered that is not saved
  let sending = null;     // the request under way
  let attempt = 0;
  let timer = 0;
  let stopped = false;    // a conflict or the end: no more saving in between
  let leaving = false;

  function fields() {
    const data = new URLSearchParams();
    for (const [name, value] of new FormData(form)) data.append(name, value);
    data.set("go", "save");
    return data;
  }

  function say(words) { if (saved.textContent !== words) saved.textContent = words; }

  // What is kept while the network is away. A page that was sent off unsaved is
  // kept with a mark, until the next page shows that it arrived.
  function keepHere(sent) {
    const data = fields();
    if (sent) data.set(sentMark, "yes");
    try { localStorage.setItem(storeKey, data.toString()); } catch (_) { /* full or forbidden: the page itself still has it */ }
  }
  function forgetHere() {
    try { localStorage.removeItem(storeKey); } catch (_) { /* nothing was kept */ }
  }

  let banner = null;
  function offline(on) {
    if (on && !banner) {
      banner = document.createElement("p");
      banner.className = "banner";
      banner.setAttribute("role", "status");
      banner.textContent = "No connection at the moment. Go on answering: this page is kept here and saved as soon as the connection is back.";
      form.before(banner);
    }
    if (!on && banner) { banner.remove(); banner = null; }
  }

  function later(ms) {
    clearTimeout(timer);
    timer = setTimeout(save, ms);
  }

  function failed() {
    keepHere();
    offline(true);
    say("");
    later(waits[Math.min(attempt++, waits.length - 1)]);
  }

  function save() {
    clearTimeout(timer);
    if (stopped || sending || !dirty) return;
    dirty = false;
    const body = fields();
    sending = fetch(form.action, {
      method: "POST", body: body, keepalive: true, credentials: "same-origin", redirect: "manual",
      headers: { "Accept": "application/json" }
    }).then(function (response) {
      if (response.type === "opaqueredirect") { stopped = true; return null; } // sent from another tab
      if (response.status >= 500) throw new Error("busy");
      return response.json().then(function (answer) { took(response, answer); });
    }).catch(function () {
      dirty = true;
      failed();
    }).finally(function () {
      sending = null;
      if (dirty && !banner && !leaving) later(300);
    });
  }

  function took(response, answer) {
    attempt = 0;
    offline(false);
    forgetHere();
    if (response.ok) {
      form.elements.seen.value = answer.seen;
      if (!dirty) say("Saved");
      return;
    }
    stopped = true;
    say(answer.error ? answer.error.message : "");
  }

  function entered(event, ms) {
    if (event.target.name && event.target.type !== "submit") {
      dirty = true;
      say("");
      if (banner) keepHere();
      later(ms);
    }
  }
  form.addEventListener("change", function (event) { exclude(event.target); entered(event, 150); });
  form.addEventListener("input", function (event) { addUp(event.target); entered(event, 1500); });
  window.addEventListener("online", function () { attempt = 0; if (dirty) save(); });
  document.addEventListener("visibilitychange", function () { if (document.visibilityState === "hidden") save(); });

  // Next, Back and Stop wait for a save under way, but not for a network that
  // is gone; then they keep what is here and say so.
  form.addEventListener("submit", function (event) {
    const button = event.submitter;
    if (leaving) { event.preventDefault(); return; }
    if (navigator.onLine === false) {
      event.preventDefault();
      dirty = true;
      failed();
      banner.focus();
      return;
    }
    clearTimeout(timer);
    if (sending) {
      event.preventDefault();
      leaving = true;
      const patience = new Promise(function (done) { setTimeout(done, 2500); });
      Promise.race([sending, patience]).then(function () {
        leaving = false;
        sending = null;
        form.requestSubmit(button);
      });
      return;
    }
    if (dirty) keepHere(true); else forgetHere();
    leaving = true;
    stopped = true;
  });
  window.addEventListener("pageshow", function () { leaving = false; stopped = false; });

  // A text or number and its "don't know" are either-or.
  function exclude(control) {
    const question = control.closest(".question");
    if (!question || control.type === "radio") return;
    const boxes = question.querySelectorAll(".missing input[type=checkbox]:not([name^=confirm_])");
    if (control.type === "checkbox" && control.checked && !control.name.startsWith("confirm_")) {
      for (const other of question.querySelectorAll("input, textarea")) {
        if (other === control) continue;
        if (other.type === "checkbox") other.checked = false; else other.value = "";
      }
      addUp(question.querySelector("input"));
    } else if (control.type !== "checkbox" && control.value.trim() !== "") {
      for (const box of boxes) box.checked = false;
    }
  }

  // The running sum of an allocation.
  function addUp(control) {
    const question = control && control.closest("[data-sum]");
    if (!question) return;
    const want = Number(question.dataset.sum);
    let sum = 0, filled = false, readable = true;
    for (const part of question.querySelectorAll(".part-row input")) {
      const text = part.value.trim().replace("%", "").replace(",", ".");
      if (text === "") continue;
      filled = true;
      const value = Number(text);
      if (Number.isFinite(value)) sum += value; else readable = false;
    }
    const total = question.querySelector(".total");
    const unit = question.querySelector(".unit").textContent;
    const left = Math.round((want - sum) * 100) / 100;
    total.dataset.state = !filled ? "" : left === 0 && readable ? "done" : "off";
    let words = want + " " + unit;
    if (filled && readable) {
      words = Math.round(sum * 100) / 100 + " of " + want + " " + unit;
      if (left > 0) words += ", " + left + " left";
      if (left < 0) words += ", " + -left + " too many";
      if (left === 0) words += " ✓";
    }
    total.querySelector("[data-total]").textContent = words;
  }
  for (const question of document.querySelectorAll("[data-sum]")) addUp(question.querySelector("input"));

  // What could not be saved when the page was closed comes back.
  function restore() {
    let text = null;
    try { text = localStorage.getItem(storeKey); } catch (_) { return; }
    if (!text) return;
    if (focusFirst) { forgetHere(); return; } // the server has it and shows what is wrong with it
    const kept = new URLSearchParams(text);
    for (const control of form.elements) {
      if (!control.name || control.type === "hidden" || control.type === "submit") continue;
      const values = kept.getAll(control.name);
      if (control.type === "radio" || control.type === "checkbox") control.checked = values.includes(control.value);
      else if (values.length) control.value = values[0];
    }
    dirty = true;
    save();
  }
  restore();
}());
