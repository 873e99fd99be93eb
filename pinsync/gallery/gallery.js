"use strict";
(() => {
  const root = document.documentElement;
  const pressed = new Set();
  const texts = new WeakMap();
  const find = (selector, where = document) => [...where.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);

  // Masonry: each card goes where the shortest column ends, in reading order.
  let waiting = 0;
  let measured = 0;
  let heights = new WeakMap();
  const layLater = () => { waiting ||= requestAnimationFrame(lay); };
  // Only what is on the screen is rendered. To know the height of the rest it has to be, once, all before anything is moved.
  function measure(cards, column) {
    if (column !== measured) heights = new WeakMap();
    measured = column;
    const unknown = cards.filter((card) => !heights.has(card));
    if (!unknown.length) return;
    root.classList.remove("settled");
    for (const card of unknown) heights.set(card, card.offsetHeight);
    for (const card of unknown) card.style.containIntrinsicSize = `auto ${heights.get(card)}px`;
    root.classList.add("settled");
  }
  function lay() {
    cancelAnimationFrame(waiting);
    waiting = 0;
    const first = document.querySelector(".board:not([hidden])");
    if (!first) return;
    const width = first.clientWidth;
    const gap = parseFloat(getComputedStyle(root).fontSize) * (innerWidth < 576 ? 0.6 : 1);
    const count = Math.max(2, Math.floor((width + gap) / (236 + gap)));
    const column = Math.floor((width - gap * (count - 1)) / count);
    root.style.setProperty("--column", `${column}px`);
    measure(find(".card:not([hidden])"), column);
    // A section is as wide as its cards need, so that small ones stand side by side.
    const columnsOf = (grid) => {
      const section = grid.closest(".section");
      return section ? Math.max(1, Math.min(count, [...grid.children].filter((card) => !card.hidden).length)) : count;
    };
    const widthOf = (columns) => `${columns * (column + gap) - gap}px`;
    for (const section of find(".section")) {
      const grid = section.querySelector(".grid");
      section.style.width = widthOf(grid ? columnsOf(grid) : 1);
    }
    const grids = find(".grid").map((grid) => [grid, [...grid.children].filter((card) => !card.hidden)]);
    for (const [grid, cards] of grids) {
      const ends = new Array(columnsOf(grid)).fill(0);
      for (const card of cards) {
        const place = ends.indexOf(Math.min(...ends));
        card.style.transform = `translate(${place * (column + gap)}px, ${ends[place]}px)`;
        ends[place] += heights.get(card) + gap;
      }
      grid.style.height = `${Math.max(0, Math.max(...ends) - gap)}px`;
    }
  }

  function filter() {
    const words = (byId("search")?.value ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = byId("board")?.value ?? "";
    const fits = (element) => !pressed.size || element.dataset.badges.split(" ").some((badge) => pressed.has(badge));
    let shown = 0;
    for (const board of find(".board")) {
      const here = !chosen || board.id === chosen;
      for (const card of find(".card", board)) {
        if (words.length && !texts.has(card)) texts.set(card, card.textContent.toLowerCase());
        card.hidden = !(here && fits(card) && words.every((word) => texts.get(card).includes(word)));
        shown += card.hidden ? 0 : 1;
      }
      const holds = (element) => element.querySelector(".card:not([hidden])") !== null || (!words.length && fits(element));
      for (const section of find(".section", board)) section.hidden = !holds(section);
      board.hidden = !here || !(holds(board) || board.querySelector(".section:not([hidden])"));
    }
    const filtered = words.length || pressed.size || chosen;
    const nothing = byId("nothing");
    if (nothing) nothing.hidden = !filtered || find(".board:not([hidden])").length > 0;
    if (byId("status")) byId("status").textContent = filtered ? `${shown} ${shown === 1 ? "pin" : "pins"} shown` : "";
    lay();
  }

  function showPage(list) {
    const box = list.parentElement;
    const count = list.children.length;
    const at = Math.round(list.scrollLeft / Math.max(1, list.clientWidth));
    box.querySelector(".pager span").textContent = `${at + 1} of ${count}`;
    const [back, on] = find(".pager button", box);
    back.disabled = at === 0;
    on.disabled = at === count - 1;
  }

  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  function step(button) {
    const list = button.closest(".carousel").querySelector("ol");
    const at = Math.round(list.scrollLeft / Math.max(1, list.clientWidth)) + Number(button.dataset.step);
    list.scrollTo({ left: at * list.clientWidth, behavior: calm.matches ? "instant" : "smooth" });
  }

  function press(chip, on) {
    chip.setAttribute("aria-pressed", String(on));
    if (on) pressed.add(chip.dataset.badge);
    else pressed.delete(chip.dataset.badge);
  }

  function clear() {
    for (const chip of find(".chip")) press(chip, false);
    byId("search").value = "";
    byId("board").value = "";
    filter();
  }

  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const height = target.offsetHeight;
      if (target.id === "main") layLater();
      else if (height && heights.has(target) && Math.abs(height - heights.get(target)) > 1) {
        heights.set(target, height);
        layLater();
      }
    }
  });
  function begin() {
    sizes.disconnect();
    for (const element of find("main, .card")) sizes.observe(element);
    for (const badge of [...pressed]) {
      const chip = document.querySelector(`.chip[data-badge="${badge}"]`);
      if (chip) press(chip, true);
      else pressed.delete(badge);
    }
    filter();
    for (const list of find(".carousel ol")) showPage(list);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.step) step(button);
    else if (button.dataset.badge) { press(button, button.getAttribute("aria-pressed") !== "true"); filter(); }
    else if (button.id === "clear") { clear(); byId("search").focus(); }
  });
  document.addEventListener("input", (event) => {
    if (["search", "board"].includes(event.target.id)) { filter(); scrollTo(0, 0); }
    if (event.target.id === "theme") setTheme(event.target.value);
  });
  document.addEventListener("scroll", (event) => {
    if (event.target.matches?.(".carousel ol")) showPage(event.target);
  }, { capture: true, passive: true });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, select, textarea, video");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && byId("search")) {
      event.preventDefault();
      byId("search").focus();
    } else if (event.key === "Escape" && event.target.id === "search" && !event.target.value) clear();
  });

  // A file opened from disk may be kept from remembering anything.
  const remembered = (value) => {
    try {
      if (value !== undefined) localStorage.setItem("pinsync-theme", value);
      return localStorage.getItem("pinsync-theme") ?? "";
    } catch { return value ?? ""; }
  };
  function setTheme(value) {
    root.dataset.theme = remembered(value);
    if (byId("theme")) byId("theme").value = root.dataset.theme;
  }

  // With a server: puts what changed in its place, and leaves the rest as it was left.
  async function renew() {
    const answer = await fetch("/", { cache: "no-store" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const open = new Set(find("details[open]").map(nameOf));
    const closed = new Set(find("details:not([open])").map(nameOf));
    const [top, chosen, words] = [scrollY, byId("board")?.value ?? "", byId("search")?.value ?? ""];
    const focus = document.activeElement?.id;
    document.querySelector(".top")?.remove();
    const header = fresh.querySelector(".top");
    const main = fresh.querySelector("main");
    byId("main").replaceWith(...[header, main].filter(Boolean));
    root.dataset.version = fresh.documentElement.dataset.version;
    document.title = fresh.title;
    for (const element of find("details")) {
      if (open.has(nameOf(element))) element.open = true;
      else if (closed.has(nameOf(element))) element.open = false;
    }
    setTheme();
    if (header) {
      byId("search").value = words;
      if (find("#board option").some((option) => option.value === chosen)) byId("board").value = chosen;
    }
    begin();
    scrollTo(0, top);
    if (focus) byId(focus)?.focus({ preventScroll: true });
  }
  function nameOf(element) {
    const around = element.closest(".card, section");
    return `${around?.dataset.address ?? around?.getAttribute("aria-labelledby")} ${element.className}`;
  }

  let last = Promise.resolve();
  function listen() {
    const source = new EventSource("/events");
    source.onmessage = (event) => {
      last = last.then(() => (event.data === root.dataset.version ? null : renew())).catch(() => null);
    };
  }

  setTheme();
  root.classList.add("laid");
  begin();
  // What the address leads to stands elsewhere since the cards were laid out.
  if (location.hash) byId(location.hash.slice(1))?.scrollIntoView();
  if (root.dataset.version) listen();
})();
