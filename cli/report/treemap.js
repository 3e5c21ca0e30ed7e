/* treemap.js - scopes as rectangles whose areas are numbers of elements, squarified (Bruls, Huizing and van
 * Wijk, 2000). */

const MAP = { heading: 19, most: 300, least: 14, grain: 14 };

function scopeTree() {
  const root = { name: "", full: "", size: 0, variables: 0, bytes: 0, children: new Map(), variable: null, bad: false };
  for (const v of reg.variables) {
    if (v.snapshot && reg.live) continue;
    const parts = v.scope ? v.scope.split("/") : [], bad = STATES.some((s) => s.bad && v.states.has(s.key));
    let node = root, full = "";
    const count = (n) => { n.size += Math.max(1, v.elements); n.variables++; n.bytes += v.bytes; n.bad = n.bad || bad; };
    count(node);
    for (const part of parts) {
      full = full ? `${full}/${part}` : part;
      const key = `s${part}`;
      if (!node.children.has(key))
        node.children.set(key, { name: part, full, size: 0, variables: 0, bytes: 0, children: new Map(), variable: null, bad: false });
      node = node.children.get(key);
      count(node);
    }
    const name = v.scope ? v.name.slice(v.scope.length + 1) : v.name;
    node.children.set(`v${name}`, { name, full: v.name, size: Math.max(1, v.elements), variables: 1, bytes: v.bytes, children: null, variable: v, bad });
  }
  return root;
}

function findScope(root, full) {
  let node = root;
  for (const part of full ? full.split("/") : []) {
    node = node.children && node.children.get(`s${part}`);
    if (!node) return root;
  }
  return node;
}

/* The largest first; a long tail is one rectangle. */
function largest(node) {
  const all = [...node.children.values()].sort((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1));
  if (all.length <= MAP.most) return all;
  const rest = all.splice(MAP.most - 1);
  const sum = (key) => rest.reduce((n, child) => n + child[key], 0);
  all.push({ name: `${rest.length} more`, full: node.full, size: sum("size"), variables: sum("variables"), bytes: sum("bytes"),
    children: null, variable: null, bad: rest.some((child) => child.bad), rest: true });
  return all.sort((a, b) => b.size - a.size);
}

/* Calls place(child, x, y, width, height) for each, row by row along the shorter side. */
function squarify(children, x, y, width, height, place) {
  let total = children.reduce((n, child) => n + child.size, 0), i = 0;
  while (i < children.length && width > 0.5 && height > 0.5) {
    const side = Math.min(width, height), scale = (width * height) / total;
    let sum = 0, worst = Infinity, end = i;
    for (; end < children.length; end++) {
      const next = sum + children[end].size, thick = (next * scale) / side;
      const ratio = Math.max(...[children[i].size, children[end].size].map((size) => {
        const long = (size * scale) / thick;
        return Math.max(long / thick, thick / long);
      }));
      if (ratio > worst) break;
      worst = ratio;
      sum = next;
    }
    const thick = (sum * scale) / side;
    for (let at = 0; i < end; i++) {
      const long = (children[i].size / sum) * side;
      if (width >= height) place(children[i], x, y + at, thick, long);
      else place(children[i], x + at, y, long, thick);
      at += long;
    }
    if (width >= height) { x += thick; width -= thick; } else { y += thick; height -= thick; }
    total -= sum;
  }
}

function tileLabel(node) {
  const kind = node.variable ? `${node.variable.dtype}, ${node.variable.shape}` : showPlural(node.variables, "variable");
  return `${node.rest ? node.name : node.full}: ${showPlural(node.size, "element")}, ${showBytes(node.bytes)}, ${kind}` +
    (node.bad ? ", with an alarm" : "");
}

function drawMap(root, full, pick) {
  const box = byId("map"), width = Math.max(240, box.clientWidth), height = width < 500 ? 300 : 380;
  const chart = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: "map" });
  const node = findScope(root, full);
  let drawn = 0;
  const draw = (child, x, y, w, h, depth, hue) => {
    if (w < 1.5 || h < 1.5 || drawn > 4000) return;
    drawn++;
    const top = depth === 0, scope = child.children !== null, roomy = scope && w > 40 && h > MAP.heading + 10 && (w * h) / child.children.size > MAP.grain;
    const tile = svg("g", { class: `tile c${hue === null ? 7 : hue % 7}${scope ? " scope" : ""}${scope && !roomy ? " whole" : ""}${child.bad ? " bad" : ""}`,
      tabindex: top ? 0 : null, role: top ? "button" : null, "aria-label": top ? tileLabel(child) : null, "data-name": child.full },
    svg("title", {}, tileLabel(child)),
    svg("rect", { x: x + 0.75, y: y + 0.75, width: Math.max(0.5, w - 1.5), height: Math.max(0.5, h - 1.5), rx: Math.min(4, w / 6, h / 6) }));
    if (w > 34 && h > MAP.least) {
      tile.append(svg("text", { x: x + 7, y: y + 14 }, shortenTo(child.name, w - 12, scope)));
      if (!scope && h > 34 && w > 50) tile.append(svg("text", { x: x + 7, y: y + 29, class: "small" }, showShort(child.size)));
    }
    const choose = (event) => { event.stopPropagation(); if (!child.rest) pick(child); };
    tile.addEventListener("click", choose);
    if (top) tile.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(event); } });
    chart.append(tile);
    if (!roomy) return;
    /* Colours begin where the tree first branches. */
    const alone = hue === null && child.children.size === 1;
    let next = 0;
    squarify(largest(child), x + 3, y + MAP.heading, w - 6, h - MAP.heading - 3,
      (inner, a, b, c, d) => draw(inner, a, b, c, d, depth + 1, hue === null ? (alone ? null : next++) : hue));
  };
  const alone = node.children.size === 1;
  let hue = 0;
  if (node.children.size) squarify(largest(node), 0, 0, width, height, (child, x, y, w, h) => draw(child, x, y, w, h, 0, alone ? null : hue++));
  else chart.append(svg("text", { x: width / 2, y: height / 2, "text-anchor": "middle", class: "tick" }, "no variables"));
  box.replaceChildren(chart);
  drawCrumbs(root, node, pick);
  byId("map-note").textContent = `${showPlural(node.size * (root.variables ? 1 : 0), "element")}, ${showBytes(node.bytes)} in ` +
    `${showPlural(node.variables, "variable")}${node.full ? ` below ${node.full}` : ""}. ` +
    "A rectangle's area is its number of elements; click a scope to go in, a variable to look at it.";
}

function drawCrumbs(root, node, pick) {
  const list = el("ol"), parts = node.full ? node.full.split("/") : [];
  parts.unshift(null);
  parts.forEach((part, i) => {
    const last = i === parts.length - 1, full = parts.slice(1, i + 1).join("/");
    const name = part === null ? "all" : shorten(part, 24);
    list.append(el("li", {}, last ? el("span", { "aria-current": "true" }, name)
      : el("button", { type: "button", onclick: () => pick(findScope(root, full)) }, name)));
  });
  byId("crumbs").replaceChildren(list);
}
