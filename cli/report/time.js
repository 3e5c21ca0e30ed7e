/* time.js - all variables over the snapshots: sums, and a picture with a line for each. */

const HEAT = { lowest: -3, most: 320, height: 300 };

function movingVariables() {
  const floats = reg.variables.filter((v) => isFloat(v)), trained = floats.filter((v) => v.trainable);
  return trained.length ? trained : floats;
}

/* Norm of all values together, and by what part of it they moved. */
function sumsOf(variables) {
  const { points } = reg, norms = [], changes = [], hollow = [];
  for (let s = 0; s < points; s++) {
    let square = 0, moved = 0, before = 0, there = 0, known = 0, least = false;
    for (const v of variables) {
      const at = v.i * points + s;
      if (Number.isFinite(reg.norm[at])) { square += reg.norm[at] ** 2; there++; }
      if (s === 0 || !reg.how[at] || !Number.isFinite(reg.norm[at - 1]) || !Number.isFinite(reg.change[at])) continue;
      moved += (reg.change[at] * reg.norm[at - 1]) ** 2;
      before += reg.norm[at - 1] ** 2;
      known++;
      least = least || reg.how[at] === CHANGE.AT_LEAST;
    }
    norms.push(there ? Math.sqrt(square) : NaN);
    changes.push(known && before > 0 ? Math.sqrt(moved / before) : NaN);
    hollow.push(least);
  }
  return { norms, changes, hollow };
}

function drawTime(open) {
  if (!reg.snapshots.length) return;
  byId("time").hidden = false;
  const box = byId("time-charts"), full = box.clientWidth, width = Math.max(250, full > 900 ? (full - 40) / 3 : full > 600 ? (full - 20) / 2 : full);
  const variables = movingVariables(), { norms, changes, hollow } = sumsOf(variables), labels = reg.labels;
  const what = variables.length && variables[0].trainable ? "trainable variables" : "floating-point variables";
  const figure = (title, chart) => el("figure", {}, el("figcaption", {}, title), chart);
  box.replaceChildren(
    figure(`Norm of all ${what}`, timeChart(width, 140, { title: "Norm", values: norms, labels, show: showReal })),
    figure("By how much they moved", timeChart(width, 140, { title: "Relative change", values: changes, labels, show: showShare, zero: true,
      hollow: (i) => hollow[i], say: (i) => (hollow[i] ? "at least " : "") + showShare(changes[i]) })),
    figure("Bytes that each snapshot added", timeChart(width, 140, { title: "Bytes added", values: reg.snapshots.map((s) => s.new_bytes), labels: reg.snapshots.map((s) => s.label),
      show: showBytes, tick: (n) => (n ? showBytes(n).replace(/\.0 /, " ") : "0"), unit: (n) => 1024 ** Math.floor(Math.log2(Math.max(1, n)) / 10), bars: true, zero: true })));
  byId("time-note").replaceChildren(timeNote());
  drawHeat(open);
}

function timeNote() {
  const { doc } = reg, pairs = doc.changes.length, all = reg.snapshots.length;
  const read = pairs >= all ? "How far values moved was computed from the values"
    : pairs ? `How far values moved was computed from the values for the newest ${showPlural(pairs, "step")}; before, it is at least the difference of the norms, which is dotted`
      : "How far values moved is at least the difference of the norms, which is what is shown: no values were read";
  return `${read}.`;
}

/* Rows of the picture: a variable each, or where there are too many the fastest of several. */
function heatRows() {
  const floats = reg.variables.filter((v) => isFloat(v) && Array.from(series(reg.how, v)).some((how) => how)), rows = [];
  const each = Math.max(1, Math.ceil(floats.length / HEAT.most));
  for (let i = 0; i < floats.length; i += each) rows.push(floats.slice(i, i + each));
  return rows;
}

function mix(from, to, part) {
  return `rgb(${from.map((c, i) => Math.round(c + (to[i] - c) * part)).join()})`;
}

function heatColours() {
  const style = getComputedStyle(document.documentElement);
  const rgb = (name) => { const hex = style.getPropertyValue(name).trim().slice(1); return [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16)); };
  return { low: rgb("--heat-low"), middle: rgb("--heat-middle"), high: rgb("--heat-high"), bad: style.getPropertyValue("--bad").trim() };
}

function heatCell(colours, group, s) {
  let most = NaN, bad = false;
  for (const v of group) {
    const at = v.i * reg.points + s;
    bad = bad || reg.badAt.has(at);
    if (reg.how[at] && !(reg.change[at] <= most)) most = reg.change[at];
  }
  if (bad) return colours.bad;
  if (Number.isNaN(most)) return null;
  const part = most > 0 ? Math.max(0, Math.min(1, 1 - Math.log10(Math.min(1, most)) / HEAT.lowest)) : 0;
  return part < 0.5 ? mix(colours.low, colours.middle, part * 2) : mix(colours.middle, colours.high, part * 2 - 1);
}

function drawHeat(open) {
  const box = byId("heat"), rows = heatRows(), steps = reg.points - 1;
  if (!rows.length || steps < 1) { box.replaceChildren(); return; }
  const names = rows.length <= 40 && box.clientWidth > 600 ? 240 : 0, wide = box.clientWidth - names, cell = Math.max(1, Math.min(18, HEAT.height / rows.length));
  const height = Math.ceil(cell * rows.length), scale = window.devicePixelRatio || 1, colours = heatColours();
  const canvas = el("canvas", { width: Math.round(wide * scale), height: Math.round(height * scale), role: "img",
    "aria-label": `How far each of ${showPlural(rows.length, "line")} of variables moved at each of ${showPlural(steps, "step")}; the table has the same by its column Last change` });
  canvas.style.width = `${wide}px`;
  canvas.style.height = `${height}px`;
  const draw = canvas.getContext("2d"), gap = cell >= 6 ? 1 : 0, column = wide / steps;
  draw.scale(scale, scale);
  rows.forEach((group, r) => {
    for (let s = 1; s <= steps; s++) {
      const colour = heatCell(colours, group, s);
      if (!colour) continue;
      draw.fillStyle = colour;
      draw.fillRect((s - 1) * column, r * cell, Math.max(1, column - (column >= 4 ? 1 : 0)), Math.max(0.5, cell - gap));
    }
  });
  const say = el("p", { class: "note heat-note" }, " ");
  const at = (event) => {
    const rect = canvas.getBoundingClientRect();
    return [rows[Math.min(rows.length - 1, Math.max(0, Math.floor((event.clientY - rect.top) / cell)))], 1 + Math.min(steps - 1, Math.max(0, Math.floor((event.clientX - rect.left) / column)))];
  };
  canvas.addEventListener("pointermove", (event) => {
    const [group, s] = at(event), v = group[0], cellAt = v.i * reg.points + s;
    say.textContent = `${v.name}${group.length > 1 ? ` and ${group.length - 1} more` : ""}, ${reg.labels[s - 1]} → ${reg.labels[s]}: ` +
      (reg.badAt.has(cellAt) ? "NaN or Inf" : (reg.how[cellAt] === CHANGE.AT_LEAST ? "at least " : "") + showShare(reg.how[cellAt] ? reg.change[cellAt] : NaN));
  });
  canvas.addEventListener("pointerleave", () => { say.textContent = " "; });
  canvas.addEventListener("click", (event) => open(at(event)[0][0]));
  const labels = names ? el("div", { class: "heat-names", "aria-hidden": "true" }, rows.map(([v]) => {
    const line = el("span", { title: v.name }, shortenTo(v.name, 240));
    line.style.height = line.style.lineHeight = `${cell}px`;
    if (cell < 11) line.style.fontSize = `${Math.max(7, cell)}px`;
    return line;
  })) : null;
  const legend = el("p", { class: "note" }, `A line for each ${rows[0].length > 1 ? `${rows[0].length} variables, the fastest of them` : "variable"}, a column for each step: unmoved`,
    el("span", { class: "ramp", "aria-hidden": "true" }), "moved by its whole norm (in powers of ten from 0.1 %)", el("span", { class: "swatch", "aria-hidden": "true" }), "NaN or Inf");
  box.replaceChildren(el("div", { class: "heat" }, labels, canvas), say, legend);
}
