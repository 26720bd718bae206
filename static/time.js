// Shows points in time in the zone of whoever reads; without it they have the name
// of their zone beside them.
"use strict";

(function () {
  const parts = { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
  for (const element of document.querySelectorAll("time[data-local]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    element.title = element.textContent;
    // Latin digits, as everywhere on these pages.
    element.textContent = new Intl.DateTimeFormat(document.documentElement.lang + "-u-nu-latn", parts).format(at);
  }
}());
