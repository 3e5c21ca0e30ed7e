"use strict";
/* data.js - the document that the page was made with, as variables and their states over the snapshots. */

/* What may be wrong with a variable, or special, worst first. */
const STATES = [
  { key: "nan", label: "NaN", bad: true, says: "has elements that are not a number" },
  { key: "inf", label: "Inf", bad: true, says: "has infinite elements" },
  { key: "exploding", label: "exploding", bad: true,
    says: "has a norm of more than 10 times the one before, or a root of the mean square above 1,000" },
  { key: "vanishing", label: "vanishing", bad: true,
    says: "has a norm of less than a tenth of the one before, or a root of the mean square below 1e-8" },
  { key: "dead", label: "dead", bad: true, says: "was assigned or imported, and all its elements are equal" },
  { key: "empty", label: "no value", bad: false, says: "has no value yet" },
  { key: "gone", label: "in snapshots only", bad: false, says: "is not there any more, or was imported as a snapshot" },
];
/* How a change from one state to the next is known. */
const CHANGE = { NONE: 0, SAME: 1, EXACT: 2, AT_LEAST: 3 };

const reg = {
  doc: null, variables: [], byName: new Map(), collections: [], snapshots: [],
  points: 0, labels: [], norm: null, mean: null, std: null, held: null, change: null, how: null, badAt: new Map(),
};

function isFloat(v) {
  return /^(b?float|complex)/.test(v.dtype);
}

/* Many variables have the same shape and collections, which are read once. */
const parsed = new Map();
function parse(text) {
  if (!parsed.has(text)) parsed.set(text, JSON.parse(text));
  return parsed.get(text);
}

function readRow(row, at) {
  const { doc } = reg, v = { i: reg.variables.length };
  for (let n = 0; n < row.length; n++) v[doc.columns[n]] = row[n];
  for (const key of ["dtype", "shape", "collections", "initializer", "regularizer", "program", "host", "site"])
    v[key] = v[key] === null ? null : doc.texts[v[key]];
  v.collections = v.collections ? parse(v.collections) : [];
  v.dims = parse(v.shape);
  v.shape = v.dims.length ? v.dims.join(" × ") : "scalar";
  for (const key of ["mean", "std", "norm"]) if (v[key] !== null) v[key] = Number(v[key]);
  v.scope = v.name.includes("/") ? v.name.slice(0, v.name.lastIndexOf("/")) : "";
  v.infs = v.pos_infs + v.neg_infs;
  v.at = at;
  v.search = [v.name, v.dtype, v.dims.join("x"), v.dims.join("×"), `[${v.dims}]`, v.initializer || ""].join("\n").toLowerCase();
  v.histogram = null;
  reg.variables.push(v);
  if (!reg.byName.has(v.name)) reg.byName.set(v.name, v);
}

function readSnapshots() {
  const { doc } = reg;
  reg.snapshots = doc.snapshots.map((row) => {
    const s = {};
    doc.snapshot_columns.forEach((column, n) => { s[column] = row[n]; });
    s.label = s.name !== null ? s.name : s.step !== null ? `step ${s.step}` : `#${s.id}`;
    return s;
  });
  doc.states.forEach((state, back) => {
    for (const row of state.more) readRow(row, reg.snapshots.length - 1 - back);
  });
  reg.labels = reg.snapshots.map((s) => s.label);
  /* The present is a state of its own unless the newest snapshot has all of it. */
  const newest = doc.states[0];
  reg.live = reg.variables.some((v) => v.snapshot === 0);
  reg.hasNow = reg.live && !(newest && newest.i.length + newest.absent.length === 0);
  if (reg.hasNow) reg.labels.push("now");
  reg.points = reg.labels.length;
}

/* The states are told from the newest back: what is not said of one is as in the next newer one. */
function readStates() {
  const { doc, variables, points } = reg, cells = variables.length * points;
  const snapshots = reg.snapshots.length;
  reg.norm = new Float64Array(cells).fill(NaN);
  reg.mean = new Float32Array(cells).fill(NaN);
  reg.std = new Float32Array(cells).fill(NaN);
  reg.held = new Uint8Array(cells);
  reg.differs = new Uint8Array(cells); /* from the next newer state */
  const current = variables.map((v) => (v.snapshot ? null : [v.norm ?? NaN, v.mean ?? NaN, v.std ?? NaN]));
  const put = (s) => current.forEach((state, i) => {
    if (!state) return;
    const at = i * points + s;
    [reg.norm[at], reg.mean[at], reg.std[at]] = state;
    reg.held[at] = 1;
  });
  if (reg.hasNow) put(snapshots);
  doc.states.forEach((state, back) => {
    const s = snapshots - 1 - back;
    let i = 0;
    state.i.forEach((step, n) => {
      i += step;
      current[i] = [Number(state.norm[n] ?? NaN), Number(state.mean[n] ?? NaN), Number(state.std[n] ?? NaN)];
      reg.differs[i * points + s] = 1;
    });
    for (let n = 0; n < state.absent.length; n += 2)
      current.fill(null, state.absent[n], state.absent[n] + state.absent[n + 1]);
    /* Names that came later in this walk are of older snapshots alone. */
    for (const [v, nans, pos, neg] of state.bad) reg.badAt.set(v * points + s, { nans, infs: pos + neg });
    put(s);
  });
  delete doc.states;
}

/* Carries what is bad over the states that have the same value. */
function readBad() {
  const { points } = reg;
  for (const v of reg.variables) {
    let newer = v.snapshot === 0 && v.nans + v.infs > 0 ? { nans: v.nans, infs: v.infs } : null;
    if (newer && reg.hasNow) reg.badAt.set(v.i * points + points - 1, newer);
    for (let s = reg.snapshots.length - 1; s >= 0; s--) {
      const at = v.i * points + s;
      if (!reg.held[at]) newer = null;
      else if (reg.differs[at]) newer = reg.badAt.get(at) || null;
      else if (newer) reg.badAt.set(at, newer);
    }
  }
}

function readChanges() {
  const { doc, points, norm, held } = reg;
  reg.change = new Float64Array(norm.length).fill(NaN);
  reg.how = new Uint8Array(norm.length);
  for (const v of reg.variables)
    for (let s = 1; s < points; s++) {
      const at = v.i * points + s;
      if (!held[at] || !held[at - 1]) continue;
      reg.how[at] = reg.differs[at - 1] ? CHANGE.AT_LEAST : CHANGE.SAME;
      reg.change[at] = reg.differs[at - 1] ? Math.abs(norm[at] - norm[at - 1]) / norm[at - 1] : 0;
    }
  for (const row of doc.changes)
    for (let n = 1; n < row.length; n += 2) {
      const at = row[n] * points + row[0] + 1;
      if (row[0] + 1 >= points || !held[at]) continue;
      reg.change[at] = Number(row[n + 1]);
      reg.how[at] = CHANGE.EXACT;
    }
  /* The last time that it moved: what the table sorts by. */
  for (const v of reg.variables) {
    v.change = null;
    for (let s = points - 1; s > 0 && v.change === null; s--)
      if (reg.how[v.i * points + s] >= CHANGE.EXACT) v.change = reg.change[v.i * points + s];
  }
}

function series(of, v) {
  return of.subarray(v.i * reg.points, (v.i + 1) * reg.points);
}

function statesOf(v) {
  const states = new Set(reg.doc.flags.filter((key, bit) => v.flags >> bit & 1));
  if (!v.initialized) states.add("empty");
  if (v.snapshot) states.add("gone");
  return states;
}

function load() {
  const doc = JSON.parse(document.getElementById("data").textContent);
  reg.doc = doc;
  for (const row of doc.variables) readRow(row, null);
  delete doc.variables;
  readSnapshots();
  readStates();
  readBad();
  readChanges();
  for (const [i, low, high, ...counts] of doc.histograms)
    reg.variables[i].histogram = { low: Number(low), high: Number(high), counts };
  delete doc.histograms;
  const used = new Set(reg.variables.flatMap((v) => v.collections));
  reg.collections = doc.collections.concat([...used].filter((name) => !doc.collections.includes(name)));
  for (const v of reg.variables) v.states = statesOf(v);
}
