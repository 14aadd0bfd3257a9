"use strict";
(() => {
  const filters = document.getElementById("filters");
  const entries = [...document.querySelectorAll(".entry")];
  const listed = [...document.querySelectorAll(".index tbody tr")];
  const parts = [...document.querySelectorAll(".part")];
  const texts = new Map();
  const text = (element) => {
    if (!texts.has(element)) texts.set(element, element.textContent.toLowerCase());
    return texts.get(element);
  };
  const boxes = filters ? [...filters.querySelectorAll("[name=mark]")] : [];
  const words = (element, name) => (element.dataset[name] || "").split(" ").filter(Boolean);
  const show = (element, is) => element.toggleAttribute("data-off", !is);

  // What is chosen, as it stands in the address: `#show?mark=violation&rule=LRO-C-27&text=x`.
  const START = "#show?";
  const chosen = () => ({
    marks: boxes.filter((box) => box.checked).map((box) => box.value),
    rule: filters.querySelector("[name=rule]")?.value || "",
    text: filters.querySelector("[name=text]").value.trim().toLowerCase(),
  });

  const apply = () => {
    const { marks, rule, text: wanted } = chosen();
    const fits = (element) =>
      (!boxes.length || words(element, "marks").some((mark) => marks.includes(mark))) &&
      (!rule || words(element, "rules").includes(rule)) &&
      (!wanted || text(element).includes(wanted));
    for (const element of [...entries, ...listed]) show(element, fits(element));
    for (const part of parts) {
      const own = [...part.children].some((child) => child.matches(".remark"));
      show(part, own || part.querySelector(".entry:not([data-off])"));
    }
    const shown = entries.filter((entry) => !entry.hasAttribute("data-off")).length;
    filters.querySelector("output").textContent = `${shown} of ${entries.length} shown`;
  };

  const remember = () => {
    const { marks, rule, text: wanted } = chosen();
    const all = boxes.length === marks.length;
    const query = new URLSearchParams();
    if (!all) query.set("mark", marks.join(","));
    if (rule) query.set("rule", rule);
    if (wanted) query.set("text", wanted);
    history.replaceState(null, "", query.size ? START + query : "#");
  };

  const recall = (query) => {
    const marks = query.get("mark");
    for (const box of boxes) {
      box.checked = marks === null || marks.split(",").includes(box.value);
    }
    const rule = filters.querySelector("[name=rule]");
    if (rule) rule.value = query.get("rule") || "";
    filters.querySelector("[name=text]").value = query.get("text") || "";
    apply();
  };

  // A link leads to its place even where that is folded or filtered away.
  const arrive = () => {
    if (location.hash.startsWith(START)) {
      if (filters) recall(new URLSearchParams(location.hash.slice(START.length)));
      return;
    }
    let name = location.hash.slice(1);
    try {
      name = decodeURIComponent(name);
    } catch {
      // Not encoded: as it is.
    }
    const target = name && document.getElementById(name);
    if (!target) return;
    if (filters && target.closest("[data-off]")) recall(new URLSearchParams());
    for (let at = target; at; at = at.parentElement) {
      if (at.localName === "details") at.open = true;
    }
    if (!target.matches("main, a, summary")) target.tabIndex = -1;
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "start" });
  };

  if (filters) {
    filters.hidden = false;
    filters.addEventListener("input", () => {
      apply();
      remember();
    });
    apply();
  }
  addEventListener("hashchange", arrive);
  arrive();

  // Folded runs are opened on paper.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll(".run > details:not([open])")];
    for (const run of opened) run.open = true;
  });
  addEventListener("afterprint", () => {
    for (const run of opened) run.open = false;
  });
})();
