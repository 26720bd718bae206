// Tells a sign-in in which time zone the browser is, and chooses it where one is asked
// for and none was chosen before.
"use strict";

(function () {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone) return;
  for (const form of document.querySelectorAll("form[data-zone]")) {
    const named = document.createElement("input");
    named.type = "hidden";
    named.name = "zone";
    named.value = zone;
    form.append(named);
  }
  for (const select of document.querySelectorAll("select[data-zone]")) {
    if (![...select.options].some((option) => option.value === zone)) select.add(new Option(zone, zone));
    select.value = zone;
  }
}());
