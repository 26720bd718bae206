// Tells a sign-in, here or at a provider, in which time zone the browser is, and chooses
// it where one is asked for and none was chosen before.
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
  for (const link of document.querySelectorAll("a[href^='/sign-in/service']")) {
    const address = new URL(link.href);
    address.searchParams.set("zone", zone);
    link.href = address.href;
  }
  for (const select of document.querySelectorAll("select[data-zone]")) {
    if (![...select.options].some((option) => option.value === zone)) select.add(new Option(zone, zone));
    select.value = zone;
  }
}());
