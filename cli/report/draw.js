/* draw.js - elements, numbers as people read them, and the charts.  Text from the registry goes in as text
 * alone: nothing here makes elements out of a string. */

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
const byId = (id) => document.getElementById(id);

/* ---- numbers */

function showInt(n) {
  return n === null ? "–" : Number(n).toLocaleString("en-US");
}

function showShort(n) {
  const units = ["", "K", "M", "G", "T", "P"];
  let unit = 0;
  while (n >= 999.5 && unit < units.length - 1) { n /= 1000; unit++; }
  return (unit ? Number(n.toPrecision(3)) : n) + units[unit];
}

function showBytes(n) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let unit = 0;
  while (n >= 1024 && unit < units.length - 1) { n /= 1024; unit++; }
  return `${unit ? n.toFixed(1) : n} ${units[unit]}`;
}

function showReal(x, digits = 4) {
  if (x === null || x === undefined || x === "") return "–";
  if (typeof x === "string") return x;
  if (Number.isNaN(x)) return "–";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  if (x === 0) return "0";
  const size = Math.abs(x);
  const text = size < 1e-3 || size >= 1e6 ? x.toExponential(2) : String(Number(x.toPrecision(digits)));
  return text.replace("e+", "e").replace("-", "−");
}

function showShare(x) {
  if (x === null || Number.isNaN(x)) return "–";
  if (!Number.isFinite(x)) return "from 0";
  if (x === 0) return "0 %";
  return x >= 10 ? `${showShort(Number(x.toPrecision(3)))}×` : `${Number((x * 100).toPrecision(3))} %`;
}

function showTime(ms) {
  return ms ? new Date(ms).toISOString().replace("T", " ").slice(0, 19) + " UTC" : "–";
}

function showPlural(n, one, many) {
  return `${showInt(n)} ${n === 1 ? one : many || one + "s"}`;
}

const ruler = { context: null };

/* Pixels that a text takes in the page's font, as charts have it. */
function textWidth(text, bold) {
  if (!ruler.context) {
    ruler.context = document.createElement("canvas").getContext("2d");
    ruler.family = getComputedStyle(document.body).fontFamily;
  }
  ruler.context.font = `${bold ? "600 " : ""}12px ${ruler.family}`;
  return ruler.context.measureText(text).width;
}

/* What of it fits. */
function shortenTo(text, pixels, bold) {
  const wide = textWidth(text, bold);
  if (wide <= pixels) return text;
  let most = Math.max(1, Math.floor((text.length * pixels) / wide));
  while (most > 1 && textWidth(shorten(text, most), bold) > pixels) most--;
  return most > 4 ? shorten(text, most) : "";
}

/* Long names lose their middle: the ends tell them apart. */
function shorten(text, most) {
  if (text.length <= most) return text;
  const head = Math.ceil((most - 1) / 2);
  return text.slice(0, head) + "…" + text.slice(text.length - (most - 1 - head));
}

/* ---- charts */

/* Round numbers within [low, high], few of them. */
function ticksOf(low, high, most, unit = 1) {
  const span = (high - low || Math.abs(high) || 1) / unit, raw = span / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = unit * [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw * 0.999);
  const ticks = [];
  for (let t = Math.ceil(low / step - 1e-9) * step; t <= high + step * 1e-6 && ticks.length < 20; t += step)
    ticks.push(Math.abs(t) < step * 1e-9 ? 0 : t);
  return ticks;
}

function frame(width, height, label) {
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label, class: "chart" });
}

/* Labels below, as many as there is room for, the first and the last always. */
function axisLabels(chart, labels, x, y, width) {
  const room = Math.max(2, Math.floor(width / 64)), every = Math.max(1, Math.ceil((labels.length - 1) / (room - 1)));
  labels.forEach((label, i) => {
    const last = i === labels.length - 1;
    if (!last && (i % every || labels.length - 1 - i < every * 0.6)) return;
    const anchor = labels.length === 1 ? "middle" : i === 0 ? "start" : last ? "end" : "middle";
    chart.append(svg("text", { x: x(i), y, "text-anchor": anchor, class: "tick" }, shorten(label.replace(/^step /, ""), 9)));
  });
}

function describe(title, values, labels, show) {
  const there = values.map((y, i) => [y, i]).filter(([y]) => Number.isFinite(y));
  if (!there.length) return `${title}: no numbers`;
  const [first, from] = there[0], [last, to] = there[there.length - 1];
  return `${title}: ${show(first)} at ${labels[from]}, ${show(last)} at ${labels[to]}`;
}

/* options: title, values, labels, show; low and high of a band; hollow(i); bars; select(i). */
function timeChart(width, height, o) {
  const left = 56, right = 10, top = 12, bottom = 20, { values, labels, show } = o;
  const finite = values.concat(o.low || [], o.high || []).filter(Number.isFinite);
  const chart = frame(width, height, describe(o.title, values, labels, show));
  if (!finite.length) {
    chart.append(svg("text", { x: width / 2, y: height / 2, "text-anchor": "middle", class: "tick" }, "nothing to show"));
    return chart;
  }
  let low = Math.min(...finite), high = Math.max(...finite);
  if (o.zero) low = Math.min(0, low);
  if (low === high) { low -= Math.abs(low) * 0.1 || 1; high += Math.abs(high) * 0.1 || 1; }
  const inner = width - left - right, slots = o.bars ? labels.length : labels.length - 1;
  const x = (i) => left + (o.bars ? (i + 0.5) * (inner / slots) : slots ? (i * inner) / slots : inner / 2);
  const y = (v) => top + (1 - (v - low) / (high - low)) * (height - top - bottom);
  for (const t of ticksOf(low, high, 4, o.unit ? o.unit(high) : 1)) {
    chart.append(svg("line", { x1: left, x2: width - right, y1: y(t), y2: y(t), class: "rule" }));
    chart.append(svg("text", { x: left - 6, y: y(t) + 3.5, "text-anchor": "end", class: "tick" }, (o.tick || show)(t)));
  }
  axisLabels(chart, labels, x, height - 5, inner);
  if (o.bars) drawBars(chart, values, x, y, Math.max(1, Math.min(28, (inner / slots) * 0.7)), low);
  else drawLine(chart, values, x, y, o);
  addReader(chart, { values, labels, show, x, y, top, bottom: height - bottom, left, inner, slots, o });
  return chart;
}

function drawBars(chart, values, x, y, width, low) {
  values.forEach((v, i) => {
    if (!Number.isFinite(v)) return;
    const at = Math.min(y(v), y(low) - (v > 0 ? 1.5 : 0));
    chart.append(svg("rect", { x: x(i) - width / 2, y: at, width, height: y(low) - at, class: "bar", rx: Math.min(2, width / 4) }));
  });
}

function drawLine(chart, values, x, y, o) {
  if (o.low) {
    const there = values.map((v, i) => i).filter((i) => Number.isFinite(o.low[i]) && Number.isFinite(o.high[i]));
    const edge = there.map((i) => `${x(i)},${y(o.high[i])}`).concat(there.reverse().map((i) => `${x(i)},${y(o.low[i])}`));
    chart.append(svg("polygon", { points: edge.join(" "), class: "band" }));
  }
  const hollow = (i) => Boolean(o.hollow && o.hollow(i)), paths = { line: "", "line dashed": "" };
  const place = (i) => `${x(i).toFixed(1)},${y(values[i]).toFixed(1)}`;
  for (let i = 1; i < values.length; i++)
    if (Number.isFinite(values[i - 1]) && Number.isFinite(values[i])) paths[hollow(i) ? "line dashed" : "line"] += `M${place(i - 1)}L${place(i)}`;
  for (const [name, d] of Object.entries(paths)) if (d) chart.append(svg("path", { d, class: name }));
  values.forEach((v, i) => {
    const alone = !Number.isFinite(values[i - 1]) && !Number.isFinite(values[i + 1]);
    if (Number.isFinite(v) && (values.length <= 40 || alone))
      chart.append(svg("circle", { cx: x(i), cy: y(v), r: 2.6, class: hollow(i) ? "dot hollow" : "dot" }));
  });
}

/* Where the pointer is, what is there. */
function addReader(chart, at) {
  const rule = svg("line", { y1: at.top, y2: at.bottom, class: "reader", visibility: "hidden" });
  const text = svg("text", { y: 9, class: "readout", "text-anchor": "end", x: at.left + at.inner });
  const find = (event) => {
    const box = chart.getBoundingClientRect(), scale = chart.viewBox.baseVal.width / box.width;
    const part = ((event.clientX - box.left) * scale - at.left) / at.inner;
    const i = at.o.bars ? Math.floor(part * at.slots) : Math.round(part * at.slots);
    return Math.max(0, Math.min(at.values.length - 1, i));
  };
  chart.append(rule, text);
  chart.addEventListener("pointermove", (event) => {
    const i = find(event);
    fill(rule, { x1: at.x(i), x2: at.x(i), visibility: "visible" }, []);
    text.textContent = `${at.labels[i]}: ${at.o.say ? at.o.say(i) : at.show(at.values[i])}`;
  });
  chart.addEventListener("pointerleave", () => { rule.setAttribute("visibility", "hidden"); text.textContent = ""; });
}

function histogramChart(width, height, h) {
  const left = 46, right = 10, top = 12, bottom = 20, most = Math.max(...h.counts, 1), n = h.counts.length;
  const total = h.counts.reduce((a, b) => a + b, 0), step = (width - left - right) / n;
  const edge = (i) => (i >= n ? h.high : h.low * (1 - i / n) + h.high * (i / n));
  const fullest = h.counts.indexOf(Math.max(...h.counts));
  const chart = frame(width, height, `Histogram of ${showPlural(total, "value")} from ${showReal(h.low)} to ` +
    `${showReal(h.high)}, most between ${showReal(edge(fullest))} and ${showReal(edge(fullest + 1))}`);
  const y = (c) => top + (1 - c / most) * (height - top - bottom);
  for (const t of ticksOf(0, most, 3).filter((t) => Number.isInteger(t))) {
    chart.append(svg("line", { x1: left, x2: width - right, y1: y(t), y2: y(t), class: "rule" }));
    chart.append(svg("text", { x: left - 6, y: y(t) + 3.5, "text-anchor": "end", class: "tick" }, showShort(t)));
  }
  const readout = svg("text", { x: width - right, y: 9, "text-anchor": "end", class: "readout" });
  h.counts.forEach((c, i) => {
    const at = c ? Math.min(y(c), y(0) - 1.5) : y(0);
    chart.append(svg("rect", { x: left + i * step + 0.5, y: at, width: Math.max(0.5, step - 1), height: y(0) - at, class: "bar", rx: 1 }));
    chart.append(svg("rect", { x: left + i * step, y: top, width: step, height: y(0) - top, class: "ghost",
      onpointerenter: () => { readout.textContent = `${showReal(edge(i))} to ${showReal(edge(i + 1))}: ${showInt(c)}`; },
      onpointerleave: () => { readout.textContent = ""; } }));
  });
  const ends = n > 1 ? [[left, "start", h.low], [width - right, "end", h.high]] : [[(left + width - right) / 2, "middle", h.low]];
  if (n > 1 && h.low < 0 && h.high > 0) {
    const zero = left + ((0 - h.low) / (h.high - h.low)) * (width - left - right);
    chart.append(svg("line", { x1: zero, x2: zero, y1: top, y2: y(0), class: "zero" }));
    if (zero > left + 60 && zero < width - right - 60) ends.push([zero, "middle", 0]);
  }
  for (const [x, anchor, value] of ends)
    chart.append(svg("text", { x, y: height - 5, "text-anchor": anchor, class: "tick" }, showReal(value)));
  chart.append(readout);
  return chart;
}

function sparkline(values, width, height) {
  const finite = values.filter(Number.isFinite);
  if (finite.length < 2) return null;
  let low = Math.min(...finite), span = Math.max(...finite) - low;
  if (span === 0) { low -= 0.5; span = 1; }
  let path = "", before = false;
  values.forEach((v, i) => {
    const there = Number.isFinite(v);
    if (there) path += `${before ? "L" : "M"}${(1.5 + (i * (width - 3)) / (values.length - 1)).toFixed(1)},` +
      `${(height - 2 - ((v - low) / span) * (height - 4)).toFixed(1)}`;
    before = there;
  });
  return svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, class: "spark", "aria-hidden": "true" },
    svg("path", { d: path, class: "line" }));
}
