/* panel.js - one variable, with all that is known of it. */

function fact(term, value) {
  return value === null || value === undefined || value === "" ? null : [el("dt", {}, term), el("dd", {}, value)];
}

function part(title, note, ...children) {
  return el("section", {}, el("h3", {}, title), ...children, note ? el("p", { class: "note" }, note) : null);
}

function statisticsOf(v) {
  return el("dl", { class: "facts two" }, fact("min", showReal(v.min)), fact("max", showReal(v.max)), fact("mean", showReal(v.mean)),
    fact("std", showReal(v.std)), fact("L2 norm", showReal(v.norm)), fact("zeros", v.zeros === null ? null : `${showInt(v.zeros)} of ${showInt(v.elements)}`),
    fact("NaN", v.nans ? showInt(v.nans) : null), fact("+Inf", v.pos_infs ? showInt(v.pos_infs) : null), fact("−Inf", v.neg_infs ? showInt(v.neg_infs) : null));
}

function originOf(v) {
  return el("dl", { class: "facts" }, fact("created", v.created ? showTime(v.created) : null), fact("by", v.program && [v.program, v.pid ? ` (pid ${v.pid})` : ""].join("")),
    fact("on", v.host), fact("in", v.site), fact("initial value", v.initializer), fact("seed", v.seed === null ? null : String(v.seed)),
    fact("regularizer", v.regularizer), fact("version", v.version ? `${v.version}, of ${showTime(v.updated)}` : null),
    fact("parts", v.parts ? String(v.parts) : null), fact("hash", v.hash && el("code", {}, v.hash)));
}

function alarmsOf(v) {
  const lines = STATES.filter((s) => v.states.has(s.key)).map((s) => el("p", { class: s.bad ? "alarm bad" : "alarm" }, el("strong", {}, s.label), ` – ${s.says}.`));
  const first = reg.labels.findIndex((label, s) => reg.badAt.has(v.i * reg.points + s));
  if (first >= 0 && reg.labels[first] !== "now") lines.push(el("p", { class: "note" }, `NaN or Inf first at ${reg.labels[first]}.`));
  return lines;
}

function histogramOf(v, width) {
  if (v.histogram) return part("Values", null, histogramChart(width, 150, v.histogram));
  const why = !v.initialized ? "It has no value yet." : v.min === null ? "It has no finite numbers." : /^complex|^ggml|^string/.test(v.dtype) ? `A ${v.dtype} has no histogram here.`
    : "Its values were not read: it is beyond the bound of --histograms with which this page was made.";
  return part("Values", why);
}

function changeNote(v) {
  const how = Array.from(series(reg.how, v)), some = how.includes(CHANGE.AT_LEAST), exact = how.includes(CHANGE.EXACT);
  const real = "‖new − old‖ / ‖old‖, from the values";
  const least = "the difference of the norms over the old norm, which it is at least: the values were not read (--changes)";
  return some && exact ? `Drawn through: ${real}. Dotted: ${least}.` : some ? `Dotted is ${least}.` : `${real}.`;
}

function historyOf(v, width) {
  const norms = Array.from(series(reg.norm, v)), means = Array.from(series(reg.mean, v)), stds = Array.from(series(reg.std, v));
  if (reg.points < 2 || norms.filter(Number.isFinite).length < 1) return [];
  const how = series(reg.how, v), changes = Array.from(series(reg.change, v));
  const charts = [part("Norm", null, timeChart(width, 120, { title: "L2 norm", values: norms, labels: reg.labels, show: showReal }))];
  if (changes.some(Number.isFinite))
    charts.push(part("Size of its updates", changeNote(v), timeChart(width, 120, { title: "Relative change", values: changes, labels: reg.labels, show: showShare, zero: true,
      hollow: (i) => how[i] === CHANGE.AT_LEAST, say: (i) => (how[i] === CHANGE.AT_LEAST ? "at least " : "") + showShare(changes[i]) })));
  charts.push(part("Mean ± std", null, timeChart(width, 120, { title: "Mean", values: means, labels: reg.labels, show: showReal,
    low: means.map((m, i) => m - stds[i]), high: means.map((m, i) => m + stds[i]), say: (i) => `${showReal(means[i])} ± ${showReal(stds[i])}` })));
  return charts;
}

function heldBy(v) {
  const held = Array.from(series(reg.held, v)).slice(0, reg.snapshots.length), n = held.filter(Boolean).length;
  if (!reg.snapshots.length) return null;
  const names = reg.snapshots.filter((s, i) => held[i]).map((s) => s.label);
  const text = n === 0 ? "no snapshot has it" : n === held.length ? `all ${n}: ${names[0]}${n > 1 ? ` to ${names[n - 1]}` : ""}` : `${n} of ${held.length}: ${names.slice(0, 12).join(", ")}${n > 12 ? ", …" : ""}`;
  return el("dl", { class: "facts" }, fact("snapshots", text));
}

function fillPanel(v, actions) {
  const panel = byId("panel");
  panel.hidden = false;
  document.body.classList.add("with-panel");
  const width = Math.max(260, Math.min(420, (panel.clientWidth || 440) - 40));
  panel.replaceChildren(
    el("div", { class: "panel-head" }, el("h2", { id: "panel-title", tabindex: -1 }, v.name), el("button", { type: "button", id: "close", "aria-label": "Close", onclick: actions.close }, "✕")),
    el("p", { class: "kind" }, el("b", {}, v.dtype), ` ${v.shape} · ${showPlural(v.elements, "element")} · ${showBytes(v.bytes)}${v.trainable ? " · trainable" : ""}`),
    el("div", { class: "chips" }, v.collections.map((name) => el("button", { type: "button", class: "chip", onclick: () => actions.collection(name) }, name))),
    ...alarmsOf(v), histogramOf(v, width), part("Statistics", v.at === null ? null : `As of ${reg.labels[v.at]}, the newest snapshot that has it.`, statisticsOf(v)), ...historyOf(v, width),
    part("Where it comes from", null, originOf(v), heldBy(v)));
}
