/* sets.js - collections as sets: which variables are in which of them, as UpSet draws it (Lex and others,
 * 2014).  A column is the variables that are in exactly the collections with a dot. */

function intersections(variables) {
  const found = new Map();
  for (const v of variables) {
    const key = v.collections.map((name) => reg.collections.indexOf(name)).sort((a, b) => a - b).join();
    if (!found.has(key)) found.set(key, { names: [...v.collections], variables: 0, elements: 0 });
    found.get(key).variables++;
    found.get(key).elements += v.elements;
  }
  return [...found.values()].sort((a, b) => b.variables - a.variables || b.elements - a.elements);
}

function drawSets(view, pickCollection, pickExactly) {
  const box = byId("sets"), live = reg.variables.filter((v) => !v.snapshot || !reg.live);
  const sizes = new Map(reg.collections.map((name) => [name, 0]));
  for (const v of live) for (const name of v.collections) sizes.set(name, (sizes.get(name) || 0) + 1);
  const rows = reg.collections.filter((name) => sizes.get(name)).slice(0, 14);
  if (!rows.length) {
    box.replaceChildren(el("p", { class: "note" }, "No variable is in a collection."));
    return;
  }
  const width = Math.max(240, box.clientWidth), line = 24, top = 92;
  const names = Math.min(width * 0.46, Math.max(...rows.map((name) => textWidth(name))) + 12), sums = 62, pitch = 26;
  const columns = intersections(live).slice(0, Math.max(1, Math.floor((width - names - sums - 8) / pitch)));
  const most = Math.max(...columns.map((c) => c.variables)), largestSet = Math.max(...rows.map((name) => sizes.get(name)));
  const left = names + sums + 8, height = top + rows.length * line + 4;
  const chart = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: "sets" });
  const act = (label, pressed, choose) => ({ role: "button", tabindex: 0, "aria-label": label, "aria-pressed": pressed ? "true" : "false",
    onclick: choose, onkeydown: (e) => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); choose(); } } });
  rows.forEach((name, r) => {
    const y = top + r * line, n = sizes.get(name), long = Math.max(2, (n / largestSet) * (sums - 36));
    chart.append(svg("g", { class: `set${view.c === name ? " on" : ""}`, ...act(`${name}: ${showPlural(n, "variable")}`, view.c === name, () => pickCollection(name)) },
      svg("title", {}, `${name}: ${showPlural(n, "variable")}`),
      svg("rect", { x: 0, y, width, height: line - 2, rx: 4, class: r % 2 ? "stripe" : "stripe odd" }),
      svg("text", { x: 6, y: y + 15 }, shortenTo(name, names - 8)),
      svg("rect", { x: names + 4, y: y + 7, width: long, height: 8, rx: 2, class: "bar" }),
      svg("text", { x: names + 8 + long, y: y + 15, class: "tick" }, showShort(n))));
  });
  columns.forEach((column, i) => {
    const x = left + i * pitch + pitch / 2, tall = Math.max(2, (column.variables / most) * (top - 30));
    const lit = rows.map((name, r) => (column.names.includes(name) ? r : -1)).filter((r) => r >= 0);
    const label = `${showPlural(column.variables, "variable")} with ${showPlural(column.elements, "element")} in ` +
      `${column.names.length ? "exactly " + column.names.join(", ") : "no collection"}`;
    const chosen = view.x !== null && view.x.length === column.names.length && column.names.every((name) => view.x.includes(name));
    chart.append(svg("g", { class: `meet${chosen ? " on" : ""}`, ...act(label, chosen, () => pickExactly(column.names)) },
      svg("title", {}, label),
      svg("rect", { x: x - pitch / 2, y: 0, width: pitch, height, class: "ghost" }),
      svg("rect", { x: x - 7, y: top - 10 - tall, width: 14, height: tall, rx: 2, class: "bar" }),
      svg("text", { x, y: top - 14 - tall, "text-anchor": "middle", class: "tick" }, showShort(column.variables)),
      rows.map((name, r) => svg("circle", { cx: x, cy: top + r * line + 11, r: 4.5, class: lit.includes(r) ? "dot" : "dot off" })),
      lit.length > 1 ? svg("line", { x1: x, x2: x, y1: top + lit[0] * line + 11, y2: top + lit[lit.length - 1] * line + 11, class: "link" }) : null));
  });
  box.replaceChildren(chart, el("p", { class: "note" },
    "A column is the variables that are in exactly the collections with a dot. Click a column or a name to list them."));
}

/* What the elements are of, as parts of all bytes. */
function drawDtypes(pick) {
  const sizes = new Map(), live = reg.variables.filter((v) => !v.snapshot || !reg.live);
  for (const v of live) {
    const sum = sizes.get(v.dtype) || { variables: 0, elements: 0, bytes: 0 };
    sum.variables++;
    sum.elements += v.elements;
    sum.bytes += v.bytes;
    sizes.set(v.dtype, sum);
  }
  const all = Math.max(1, live.reduce((n, v) => n + v.bytes, 0)), most = [...sizes.entries()].sort((a, b) => b[1].bytes - a[1].bytes).slice(0, 6);
  byId("dtypes").replaceChildren(...most.map(([name, sum]) => {
    const bar = el("span", { class: "share", "aria-hidden": "true" }, el("i"));
    bar.firstChild.style.width = `${Math.max(1, (100 * sum.bytes) / all)}%`;
    return el("button", { type: "button", class: "dtype", title: `${showPlural(sum.variables, "variable")}, ${showPlural(sum.elements, "element")}`, onclick: () => pick(name) },
      el("code", {}, name), bar, el("span", { class: "note" }, `${showShort(sum.elements)} in ${showBytes(sum.bytes)}`));
  }));
}
