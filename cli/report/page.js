/* page.js - the view, which is what location.hash says, and its parts. */

const VIEW = { v: "", z: "", q: "", c: "", x: null, is: "", sort: "" };
let view = { ...VIEW };
let tree = null;
let drawnFor = {};

/* ---- the hash: #z=layer1&q=bias&sort=-bytes&v=layer1/weights */

const escapePart = (text) => encodeURIComponent(text).replace(/%2F/g, "/");
function unescapePart(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

function hashOf(v) {
  const parts = [];
  for (const key of Object.keys(VIEW)) {
    if (key === "x" && v.x) parts.push(`x=${v.x.map((name) => encodeURIComponent(name)).join(",")}`);
    else if (key !== "x" && v[key]) parts.push(`${key}=${escapePart(v[key])}`);
  }
  return parts.length ? `#${parts.join("&")}` : "#";
}

function viewOf(hash) {
  const v = { ...VIEW };
  for (const part of hash.replace(/^#/, "").split("&")) {
    const at = part.indexOf("="), key = part.slice(0, at), text = part.slice(at + 1);
    if (at < 1 || !(key in VIEW)) continue;
    v[key] = key === "x" ? text.split(",").filter(Boolean).map(unescapePart) : unescapePart(text);
  }
  return v;
}

/* What is typed replaces the last entry of the history; what is chosen adds one. */
function change(changes, typed) {
  view = { ...view, ...changes };
  const hash = hashOf(view);
  if (hash !== (location.hash || "#")) history[typed ? "replaceState" : "pushState"](null, "", hash);
  draw();
}

/* ---- parts */

const actions = {
  open: (v) => change({ v: v.name }),
  close: () => { change({ v: "" }); byId("body").focus(); },
  collection: (name) => change({ c: view.c === name ? "" : name, x: null }),
  exactly: (names) => change({ x: view.x && view.x.join() === names.join() ? null : names, c: "" }),
  zoom: (node) => (node.variable ? actions.open(node.variable) : change({ z: node.full })),
  sort: (column) => {
    const first = column.text ? column.key : `-${column.key}`, second = column.text ? `-${column.key}` : column.key;
    change({ sort: view.sort === first ? second : view.sort === second ? "" : first });
  },
};

function drawFigures() {
  const { doc } = reg, live = reg.variables.filter((v) => !v.snapshot);
  const sum = (key) => live.reduce((n, v) => n + v[key], 0);
  const made = (doc.namespaces.find(([name]) => name === doc.namespace) || [])[3];
  const latest = [...reg.variables.map((v) => v.updated || 0), ...reg.snapshots.map((s) => s.created)].reduce((a, b) => Math.max(a, b), 0);
  const origins = new Map();
  for (const v of live) {
    const origin = v.program ? `${v.program}${v.host ? ` on ${v.host}` : ""}` : "";
    if (origin) origins.set(origin, (origins.get(origin) || 0) + 1);
  }
  const by = [...origins.entries()].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  const trainable = live.filter((v) => v.trainable).reduce((n, v) => n + v.elements, 0);
  const figure = (term, value, note) => el("div", {}, el("dt", {}, term), el("dd", {}, value), note ? el("p", { class: "note" }, note) : null);
  byId("figures").replaceChildren(
    figure("Variables", showInt(live.length), live.length < reg.variables.length ? `${showInt(reg.variables.length - live.length)} more in snapshots only` : null),
    figure("Elements", showShort(sum("elements")), sum("elements") ? `${showShort(trainable)} trainable` : null),
    figure("Bytes", showBytes(sum("bytes")), `${showBytes(doc.file_bytes)} file`),
    figure("Snapshots", showInt(reg.snapshots.length), reg.snapshots.length ? `latest: ${reg.snapshots[reg.snapshots.length - 1].label}` : null),
    figure("Namespaces", showInt(doc.namespaces.length), `this is ${doc.namespace}`),
    figure("Made", made ? showTime(made).slice(0, 10) : "–", by.length ? `by ${by[0]}${by.length > 1 ? ` and ${by.length - 1} more` : ""}` : null));
  const filters = doc.filter ? Object.entries(doc.filter).filter(([, value]) => value !== null).map(([key, value]) => `${key} ${value}`) : [];
  byId("subtitle").textContent = [doc.title === doc.file ? null : doc.file, `namespace ${doc.namespace}`, latest ? `as of ${showTime(latest)}` : null,
    filters.length ? `only ${filters.join(", ")}` : null].filter(Boolean).join(" · ");
  const left = doc.without_histogram;
  byId("foot").textContent = `Made by varsdb ${doc.varsdb} report. ` + (left ? `${showPlural(left, "variable")} without a histogram: values were read up to ${showBytes(doc.histogram_bytes)}, of the smallest first. ` : "") +
    "This page is one file, and asks no network for anything.";
}

function drawAlarms() {
  const box = byId("alarm-list"), kinds = STATES.filter((s) => s.bad).map((s) => [s, reg.variables.filter((v) => v.states.has(s.key))]).filter(([, list]) => list.length);
  byId("alarms").classList.toggle("bad", kinds.length > 0);
  const past = reg.variables.filter((v) => !v.nans && !v.infs && reg.labels.some((label, s) => reg.badAt.has(v.i * reg.points + s)));
  const link = (v) => el("button", { type: "button", class: "link", onclick: () => actions.open(v) }, v.name);
  const when = (v) => {
    const first = reg.labels.findIndex((label, s) => reg.badAt.has(v.i * reg.points + s));
    return first >= 0 && reg.labels[first] !== "now" ? ` (since ${reg.labels[first]})` : "";
  };
  const line = (state, list, more) => el("li", {}, el("button", { type: "button", class: `chip ${state.bad ? "bad" : ""}`, title: state.says, onclick: state.key ? () => change({ is: state.key, z: "" }) : null }, `${state.label} ${showInt(list.length)}`),
    el("span", {}, list.slice(0, 4).flatMap((v, i) => [i ? ", " : "", link(v), more(v)]), list.length > 4 ? ` and ${showInt(list.length - 4)} more` : ""));
  const lines = kinds.map(([state, list]) => line(state, list, (v) => (state.key === "nan" || state.key === "inf" ? when(v) : "")));
  if (past.length) lines.push(el("li", {}, el("span", { class: "chip" }, `in snapshots ${showInt(past.length)}`), el("span", {}, "NaN or Inf once, not any more: ", past.slice(0, 4).flatMap((v, i) => [i ? ", " : "", link(v)]), past.length > 4 ? ` and ${showInt(past.length - 4)} more` : "")));
  box.replaceChildren(lines.length ? el("ul", { class: "alarms" }, lines) : el("p", { class: "fine" }, el("span", { "aria-hidden": "true" }, "✓ "), "No NaN, no infinity; nothing exploding, vanishing or dead."));
}

function drawFilters() {
  const option = (value, label) => el("option", { value }, label);
  byId("c").replaceChildren(option("", "Any collection"), ...reg.collections.map((name) => option(name, shorten(name, 40))));
  byId("is").replaceChildren(option("", "Any state"), option("alarm", "With an alarm"), ...STATES.map((s) => option(s.key, s.label)));
}

/* ---- drawing what the view says */

function drawTable() {
  chooseRows(view);
  table.open = view.v;
  table.active = Math.min(table.active, table.rows.length - 1);
  const where = [view.z ? `below ${view.z}` : null, view.c ? `in ${view.c}` : null, view.x ? `in ${view.x.length ? `exactly ${view.x.join(", ")}` : "no collection"}` : null].filter(Boolean);
  const narrowed = where.length || view.q || view.is;
  byId("count").replaceChildren(`${showInt(table.rows.length)} of ${showPlural(reg.variables.length, "variable")}${where.length ? `, ${where.join(", ")}` : ""} `,
    ...(narrowed ? [el("button", { type: "button", class: "link", id: "clear", onclick: () => change({ q: "", c: "", x: null, is: "", z: "" }) }, "show all")] : []));
  drawHead(view, actions.sort);
  drawRows(actions.open);
}

function drawPanel() {
  const panel = byId("panel"), v = view.v ? reg.byName.get(view.v) : null;
  if (v) fillPanel(v, actions);
  else {
    panel.hidden = true;
    panel.replaceChildren();
    document.body.classList.remove("with-panel");
    if (view.v) byId("count").append(` – ${view.v} is not there`);
  }
  if (v && drawnFor.v !== view.v && drawnFor.once) byId("panel-title").focus({ preventScroll: true });
}

function draw() {
  for (const id of ["q", "c", "is"]) if (byId(id).value !== view[id]) byId(id).value = view[id];
  const differs = (...keys) => !drawnFor.once || keys.some((key) => drawnFor[key] !== view[key]);
  if (differs("z")) drawMap(tree, view.z, actions.zoom);
  if (differs("c", "x")) drawSets(view, actions.collection, actions.exactly);
  if (differs("q", "c", "x", "is", "z", "sort") && drawnFor.once) byId("body").scrollTop = 0;
  drawTable();
  if (differs("v")) drawPanel();
  drawnFor = { ...view, once: true };
}

function redraw() {
  drawnFor = {};
  drawTime(actions.open);
  draw();
}

/* ---- light and dark */

const THEMES = ["automatic", "light", "dark"];

function setTheme(theme) {
  if (theme === "automatic") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  byId("theme").textContent = `Theme: ${theme}`;
  try { localStorage.setItem("varsdb-theme", theme); } catch { /* a page from a file may have no storage */ }
}

function savedTheme() {
  try { return THEMES.find((theme) => theme === localStorage.getItem("varsdb-theme")) || THEMES[0]; } catch { return THEMES[0]; }
}

function listen() {
  const theme = byId("theme");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    setTheme(THEMES[(THEMES.indexOf(theme.textContent.slice(7)) + 1) % THEMES.length]);
    drawTime(actions.open);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawTime(actions.open));
  byId("q").addEventListener("input", (event) => change({ q: event.target.value }, true));
  byId("c").addEventListener("change", (event) => change({ c: event.target.value, x: null }));
  byId("is").addEventListener("change", (event) => change({ is: event.target.value }));
  byId("body").addEventListener("scroll", () => requestAnimationFrame(() => drawRows(actions.open)), { passive: true });
  byId("body").addEventListener("keydown", (event) => moveByKey(event, actions.open));
  const follow = () => { const next = viewOf(location.hash); if (hashOf(next) !== hashOf(view)) { view = next; draw(); } };
  window.addEventListener("popstate", follow);
  window.addEventListener("hashchange", follow);
  window.addEventListener("beforeprint", () => { document.documentElement.dataset.theme = "light"; table.printing = true; redraw(); });
  window.addEventListener("afterprint", () => { setTheme(byId("theme").textContent.slice(7)); table.printing = false; redraw(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && view.v) actions.close();
    if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) { event.preventDefault(); byId("q").focus(); }
  });
  new ResizeObserver(() => drawRows(actions.open)).observe(byId("body"));
  let width = window.innerWidth, timer = 0;
  window.addEventListener("resize", () => {
    if (window.innerWidth === width) return;
    width = window.innerWidth;
    clearTimeout(timer);
    timer = setTimeout(redraw, 100);
  });
}

function start() {
  load();
  byId("page").hidden = false;
  setTheme(savedTheme());
  tree = scopeTree();
  view = viewOf(location.hash);
  listen();
  drawFigures();
  drawAlarms();
  drawFilters();
  byId("table").classList.toggle("still", reg.points < 2); /* nothing to say of time */
  drawDtypes((name) => change({ q: view.q === name ? "" : name }));
  redraw();
  const row = table.rows.findIndex((v) => v.name === view.v);
  if (row > 0) { table.active = row; revealRow(row); drawRows(actions.open); }
  requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("drawn")));
}

document.addEventListener("DOMContentLoaded", start);
