// Makes the questionnaire smoother; every page works without it.
//
// Each answer is saved in the background. While the network is away or the
// service is busy, what was entered on this page is kept in this browser, sent
// again by itself, and removed as soon as it is saved. Nothing else is stored here.
"use strict";

(function () {
  const form = document.getElementById("answers");
  const focusFirst = document.querySelector("[data-focus]");
  // The first question with a problem has the focus already, by autofocus.
  if (focusFirst && !document.querySelector("#answers [autofocus]")) focusFirst.focus();

  // Trying again: after the time the service asks for, and not all at once.
  const waits = [1000, 2000, 5000, 10000, 20000, 30000]; // between attempts, in ms
  const patience = 5 * 60000; // after which only a button tries again
  const longest = 20000;      // that one attempt may take
  function pauseAfter(response, attempt) {
    const asked = response ? Number(response.headers.get("Retry-After")) * 1000 : 0;
    const base = asked > 0 ? asked : waits[Math.min(attempt, waits.length - 1)];
    return base * (1 + Math.random() / 2);
  }
  function post(form, body) {
    return fetch(form.action, {
      method: "POST", body: body, credentials: "same-origin", redirect: "manual",
      keepalive: body.toString().length < 60000, // so that it goes out while the page is left; browsers take no more
      headers: { "Accept": "application/json" }, signal: AbortSignal.timeout(longest)
    });
  }
  function mustWait(response) { return response.status === 429 || response.status >= 500; }
  // What this script says, in the language of the page.
  const calm = (document.getElementById("words") || { dataset: {} }).dataset;

  // Sends a form until it gets through, then lets the browser go where it leads.
  // Sending it once more for that changes nothing: it is counted once.
  function insist(form, words, first) {
    const began = Date.now();
    let attempt = 0, timer = 0, busy = false;
    const body = new URLSearchParams(new FormData(form));
    if (body.has("go")) body.set("go", "save");
    function through() { words.textContent = ""; HTMLFormElement.prototype.submit.call(form); }
    function failed(response) {
      if (Date.now() - began > patience) { words.textContent = calm.tired; release(form); return; }
      words.textContent = response ? calm.busy : calm.away;
      timer = setTimeout(send, pauseAfter(response, attempt++));
    }
    function send() {
      clearTimeout(timer);
      if (busy) return;
      busy = true;
      post(form, body).then(function (response) {
        busy = false;
        if (mustWait(response)) failed(response); else through();
      }, function () { busy = false; failed(null); });
    }
    window.addEventListener("online", send, { once: true });
    if (first > 0) timer = setTimeout(send, first); else send();
  }
  function release(form) {
    delete form.dataset.sent;
    form.querySelector("button").removeAttribute("aria-disabled");
  }

  // What could not be taken comes back in a page that sends it again.
  for (const again of document.querySelectorAll("form[data-again]")) {
    const words = again.querySelector("[data-words]");
    words.textContent = calm.busy;
    insist(again, words, Math.max(1, Number(again.dataset.again)) * 1000 * (1 + Math.random() / 2));
  }

  // A second press on "Send" must not send twice, though the server would
  // count it once anyway. After "back" the button works again.
  for (const once of document.querySelectorAll("form[data-once]")) {
    const words = document.createElement("p");
    words.className = "note";
    words.setAttribute("role", "status");
    once.append(words);
    once.addEventListener("submit", function (event) {
      event.preventDefault();
      if (once.dataset.sent) return;
      once.dataset.sent = "yes";
      once.querySelector("button").setAttribute("aria-disabled", "true");
      insist(once, words, 0);
    });
    window.addEventListener("pageshow", function (event) {
      release(once);
      // What a browser brings back from memory may have been sent meanwhile.
      if (event.persisted && once.elements.digest) location.reload();
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
  let dirty = false;      // something is entered that is not saved
  let sending = null;     // the request under way
  let attempt = 0;
  let timer = 0;
  let stopped = false;    // a conflict or the end: no more saving in between
  let tooMuch = false;    // more is typed than the service takes at once
  let leaving = false;
  let pending = null;     // the button that waits for the save before it
  let since = 0;          // when saving began to fail

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
    if (document.body.dataset.idle) return; // a shared tablet keeps nothing
    const data = fields();
    if (sent) data.set(sentMark, "yes");
    try { localStorage.setItem(storeKey, data.toString()); } catch (_) { /* full or forbidden: the page itself still has it */ }
  }
  function forgetHere() {
    try { localStorage.removeItem(storeKey); } catch (_) { /* nothing was kept */ }
  }

  let banner = null;
  function offline(words) {
    if (!words) {
      if (banner) banner.remove();
      banner = null;
      return;
    }
    if (!banner) {
      banner = document.createElement("p");
      banner.className = "banner";
      banner.tabIndex = -1;
      banner.setAttribute("role", "status");
      form.before(banner);
    }
    if (banner.firstChild && banner.firstChild.textContent === words) return;
    banner.textContent = words;
    if (words !== calm.tired) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = calm.again;
    button.addEventListener("click", function () { since = 0; attempt = 0; save(); });
    banner.append(" ", button);
  }

  function later(ms) {
    clearTimeout(timer);
    timer = setTimeout(save, ms);
  }

  function failed(response) {
    keepHere();
    say("");
    if (!since) since = Date.now();
    if (Date.now() - since > patience) { offline(calm.tired); return; }
    offline(response ? calm.busy : calm.away);
    later(pauseAfter(response, attempt++));
  }

  function save() {
    clearTimeout(timer);
    if (stopped || sending || !dirty) return;
    dirty = false;
    const body = fields();
    sending = post(form, body).then(function (response) {
      if (response.type === "opaqueredirect") { stopped = true; return null; } // sent from another tab
      if (mustWait(response)) { dirty = true; failed(response); return null; }
      return response.json().then(function (answer) { took(response, answer); });
    }).catch(function () {
      dirty = true;
      failed(null);
    }).finally(function () {
      sending = null;
      if (pending && (stopped || !dirty)) { go(); return; }
      if (dirty && !banner && !leaving && !tooMuch) later(pending ? 0 : 300);
    });
  }

  // What was pressed while something was not saved yet happens now.
  function go() {
    const button = pending;
    pending = null;
    form.requestSubmit(button);
  }

  function took(response, answer) {
    attempt = since = 0;
    offline("");
    if (response.status === 413) { // sent off, the page and what is typed on it would be gone
      dirty = tooMuch = true;
      pending = null;
      keepHere();
      say(answer.error.message);
      let longest = null;
      for (const text of form.querySelectorAll("textarea")) if (!longest || text.value.length > longest.value.length) longest = text;
      if (longest) longest.focus();
      return;
    }
    forgetHere();
    if (response.ok) {
      form.elements.seen.value = answer.seen;
      if (!dirty) say(calm.saved);
      return;
    }
    stopped = true;
    say(answer.error ? answer.error.message : "");
  }

  function entered(event, ms) {
    if (event.target.name && event.target.type !== "submit") {
      dirty = true;
      tooMuch = false;
      say("");
      if (banner) keepHere();
      later(ms);
    }
  }
  form.addEventListener("change", function (event) { exclude(event.target); entered(event, 150); });
  form.addEventListener("input", function (event) { addUp(event.target); entered(event, 1500); });
  window.addEventListener("online", function () { attempt = 0; if (dirty) save(); });
  document.addEventListener("visibilitychange", function () { if (document.visibilityState === "hidden") save(); });

  // Next, Back and Stop save first what is not saved yet, and wait for it: while
  // that does not work, this page stays and says so.
  form.addEventListener("submit", function (event) {
    if (leaving) { event.preventDefault(); return; }
    tooMuch = false; // what is too much now is told again
    if (!stopped && (dirty || sending || navigator.onLine === false)) {
      event.preventDefault();
      pending = event.submitter;
      dirty = dirty || !sending;
      if (navigator.onLine === false) failed(null); else save();
      if (banner) banner.focus();
      return;
    }
    clearTimeout(timer);
    if (dirty) keepHere(true); else forgetHere();
    leaving = true;
    stopped = true;
  });
  window.addEventListener("pageshow", function () { leaving = false; stopped = false; pending = null; });

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

  // Numbers as the page has them: Latin digits, the decimal sign of the language.
  const figures = new Intl.NumberFormat(document.documentElement.lang + "-u-nu-latn", { maximumFractionDigits: 2 });
  function written(number) { return figures.format(number); }
  // A number as typed, with point or comma, in digits of other scripts as well.
  function typed(text) {
    const latin = text.replace(/[\u0660-\u0669\u06f0-\u06f9]/g, function (digit) { return String(digit.charCodeAt(0) & 15); });
    return Number(latin.replace(/[%\u066a]/, "").replace(/[,\u066b]/, "."));
  }

  // The running sum of an allocation.
  function addUp(control) {
    const question = control && control.closest("[data-sum]");
    if (!question) return;
    const want = Number(question.dataset.sum);
    let sum = 0, filled = false, readable = true;
    for (const part of question.querySelectorAll(".part-row input")) {
      const text = part.value.trim();
      if (text === "") continue;
      filled = true;
      const value = typed(text);
      if (Number.isFinite(value)) sum += value; else readable = false;
    }
    const total = question.querySelector(".total");
    const left = Math.round((want - sum) * 100) / 100;
    total.dataset.state = !filled ? "" : left === 0 && readable ? "done" : "off";
    let words = question.dataset.words;
    if (filled && readable) {
      words = left > 0 ? calm.left : left < 0 ? calm.over : calm.some + " ✓";
      words = words.replace("{sum}", written(sum)).replace("{want}", question.dataset.words).replace("{left}", written(Math.abs(left)));
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
