// Fields with a moment are in UTC. Where this runs they are shown and sent in the
// zone of whoever fills them in, which the form names.
"use strict";

(function () {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone) return;
  for (const form of document.querySelectorAll("form")) {
    const fields = form.querySelectorAll("input[type='datetime-local'][data-utc]");
    if (fields.length === 0) continue;
    for (const field of fields) {
      const at = new Date(field.value + "Z");
      // Typed in this zone before: the form has come back with a problem.
      if (field.value && field.dataset.utc === "" && !Number.isNaN(at.getTime())) {
        const local = new Date(at.getTime() - at.getTimezoneOffset() * 60000);
        field.value = local.toISOString().slice(0, 16);
      }
      const unit = field.parentElement.querySelector(".unit");
      if (unit) unit.textContent = zone.replaceAll("_", " ");
    }
    const named = document.createElement("input");
    named.type = "hidden";
    named.name = "zone";
    named.value = zone;
    form.append(named);
  }
}());
