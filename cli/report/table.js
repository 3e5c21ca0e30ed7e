/* table.js - the variables that the view asks for; only rows in sight are elements. */

const ROW = 34, HEAD = 34; /* pixels */

const COLUMNS = [
  { key: "name", label: "Name", text: true, cell: (v) => nameCell(v) },
  { key: "dtype", label: "dtype", text: true, cell: (v) => v.dtype },
  { key: "shape", label: "Shape", value: (v) => v.elements, cell: (v) => v.shape },
  { key: "elements", label: "Elements", number: true, cell: (v) => showInt(v.elements) },
  { key: "bytes", label: "Bytes", number: true, cell: (v) => showBytes(v.bytes) },
  { key: "mean", label: "Mean", number: true, cell: (v) => showReal(v.mean, 3) },
  { key: "std", label: "Std", number: true, cell: (v) => showReal(v.std, 3) },
  { key: "norm", label: "Norm", number: true, cell: (v) => showReal(v.norm) },
  { key: "history", label: "Norms", value: (v) => growth(v), cell: (v) => sparkline(Array.from(series(reg.norm, v)), 84, 22) },
  { key: "change", label: "Last change", number: true, cell: (v) => showShare(v.change) },
];

/* By how much the norm grew over the snapshots: what the column of norms sorts by. */
function growth(v) {
  const norms = Array.from(series(reg.norm, v)).filter(Number.isFinite);
  return norms.length > 1 && norms[0] > 0 ? norms[norms.length - 1] / norms[0] : null;
}

function stateChips(v) {
  return STATES.filter((s) => v.states.has(s.key)).map((s) => el("span", { class: s.bad ? "chip bad" : "chip", title: s.says }, s.label));
}

function nameCell(v) {
  const own = v.scope ? v.name.slice(v.scope.length + 1) : v.name;
  return [el("span", { class: "name", title: v.name }, v.scope ? el("span", { class: "dim" }, `${v.scope}/`) : null, el("span", { class: "own" }, own)), ...stateChips(v)];
}

const table = { rows: [], active: -1, open: null, printing: false };

function matches(v, view, words) {
  if (view.z && v.name !== view.z && !v.name.startsWith(view.z + "/")) return false;
  if (view.c && !v.collections.includes(view.c)) return false;
  if (view.x && (view.x.length !== v.collections.length || !view.x.every((name) => v.collections.includes(name)))) return false;
  if (view.is === "alarm" ? !STATES.some((s) => s.bad && v.states.has(s.key)) : view.is && !v.states.has(view.is)) return false;
  return words.every((word) => v.search.includes(word));
}

/* Numbers before those that are none, whichever way they are sorted. */
function compareBy(column, down) {
  const value = column.value || ((v) => v[column.key]);
  const sign = down ? -1 : 1;
  if (column.text) return (a, b) => sign * (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : a.i - b.i);
  const none = (x) => x === null || x === undefined || Number.isNaN(Number(x));
  return (a, b) => {
    const x = value(a), y = value(b);
    if (none(x) || none(y)) return none(x) && none(y) ? a.i - b.i : none(x) ? 1 : -1;
    return sign * (Number(x) - Number(y)) || a.i - b.i;
  };
}

function chooseRows(view) {
  const words = view.q.toLowerCase().split(/\s+/).filter(Boolean);
  table.rows = reg.variables.filter((v) => matches(v, view, words));
  const down = view.sort.startsWith("-"), column = COLUMNS.find((c) => c.key === view.sort.replace(/^-/, ""));
  if (column) table.rows.sort(compareBy(column, down));
}

function drawHead(view, sortBy) {
  const key = view.sort.replace(/^-/, ""), down = view.sort.startsWith("-");
  byId("head").replaceChildren(...COLUMNS.map((column, i) => el("div", { role: "columnheader", class: `cell k-${column.key}${column.number ? " number" : ""}`,
    "aria-colindex": i + 1, "aria-sort": column.key === key ? (down ? "descending" : "ascending") : "none" },
  el("button", { type: "button", "data-sort": column.key, onclick: () => sortBy(column) }, column.label,
    el("span", { class: "arrow", "aria-hidden": "true" }, column.key === key ? (down ? "▾" : "▴") : "")))));
}

function rowElement(v, i, open) {
  const row = el("div", { role: "row", id: `row-${i}`, class: `row${i === table.active ? " active" : ""}${table.open === v.name ? " open" : ""}`,
    "aria-rowindex": i + 2, "aria-selected": table.open === v.name ? "true" : "false", "data-name": v.name, onclick: () => { table.active = i; open(v); } },
  COLUMNS.map((column, n) => el("div", { role: "gridcell", class: `cell k-${column.key}${column.number ? " number" : ""}`, "aria-colindex": n + 1 }, column.cell(v))));
  row.style.transform = `translateY(${i * ROW}px)`;
  return row;
}

function drawRows(open) {
  const body = byId("body"), space = byId("space"), total = table.rows.length;
  const from = table.printing ? 0 : Math.max(0, Math.floor(body.scrollTop / ROW) - 6);
  const seen = table.printing ? 500 : Math.ceil((body.clientHeight || 600) / ROW) + 12;
  space.style.height = `${Math.max(1, total) * ROW}px`;
  space.replaceChildren(...table.rows.slice(from, from + seen).map((v, n) => rowElement(v, from + n, open)));
  if (!total) space.append(el("p", { class: "note nothing" }, "No variable is like that."));
  body.setAttribute("aria-rowcount", total + 1);
  if (table.active >= 0 && table.active < total) body.setAttribute("aria-activedescendant", `row-${table.active}`);
  else body.removeAttribute("aria-activedescendant");
}

function revealRow(i) {
  const body = byId("body"), top = i * ROW, room = body.clientHeight - HEAD;
  if (top < body.scrollTop) body.scrollTop = top;
  else if (top + ROW > body.scrollTop + room) body.scrollTop = top + ROW - room;
}

function moveByKey(event, open) {
  const page = Math.max(1, Math.floor(byId("body").clientHeight / ROW) - 1), last = table.rows.length - 1;
  const to = { ArrowDown: table.active + 1, ArrowUp: table.active - 1, PageDown: table.active + page, PageUp: table.active - page, Home: 0, End: last }[event.key];
  if (event.key === "Enter" && table.rows[table.active]) open(table.rows[table.active]);
  if (to === undefined || last < 0) return;
  event.preventDefault();
  table.active = Math.max(0, Math.min(last, to));
  revealRow(table.active);
  drawRows(open);
}
