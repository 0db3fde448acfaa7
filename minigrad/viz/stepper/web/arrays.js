// ------------------------------------------------------------------ elements, and arrays as elements

const $ = id => document.getElementById(id);

function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick") made.addEventListener("click", value);
    else if (value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter(c => c !== null && c !== undefined));
  return made;
}

const data = JSON.parse($("recording").textContent);
const { nodes, pictures, blocks } = data;
const picture = i => i === null || i === undefined ? null : pictures[i];

function short(v) {
  if (typeof v !== "number" || (Number.isInteger(v) && Math.abs(v) < 1e6)) return String(v);
  const size = Math.abs(v);
  if (size >= 1e-4 && size < 1e6) return String(Number(v.toPrecision(4)));
  return v.toExponential(3).replace(/\.?0+e/, "e");
}
const title = n => n.label ? `${n.label} = ${n.name}` : n.name;
const sizeOf = p => p.shape.length ? `${p.shape.join(" × ")} ${p.dtype}` : "";
const inWords = p => p === null ? "nothing"
  : p.values !== null && p.values.length <= 4 ? p.values.map(short).join(", ") : sizeOf(p);

// An array: a number, a grid with the numbers on a heat map, or statistics and a histogram.
// caption: text, or elements; name: the same in words, for those who cannot see it.
function draw(index, caption, name = caption) {
  const p = picture(index);
  if (p === null) return el("figure", {}, el("figcaption", {}, caption), el("span", { class: "note" }, "no gradient arrived"));
  let body, unit = null;
  if (p.values !== null && p.shape.length === 0) {
    body = el("span", { class: "scalar", title: p.values[0] }, short(p.values[0]));
  } else if (p.values !== null && p.values.length) {
    const { text, scale } = format(p);
    if (scale) unit = [" in units of 10", el("sup", {}, String(scale))];
    body = grid(p, text, name);
  } else body = statistics(p, name);
  const size = sizeOf(p);
  return el("figure", {}, el("figcaption", {}, caption, size ? ` ${size}` : null, unit), body);
}

// How all numbers of a grid are written: with as many decimals, and in units of a power of ten
// where they are very small or large, so that they can be compared at a glance.
function format(p) {
  const numbers = p.values.filter(v => typeof v === "number");
  const largest = Math.max(0, ...numbers.map(Math.abs));
  if (numbers.every(Number.isInteger) && largest < 1e5) return { text: String, scale: 0 };
  const power = largest ? Math.floor(Math.log10(largest)) : 0;
  const wide = p.shape[p.shape.length - 1] > 10;
  const scale = power < (wide ? -1 : -2) || power > 3 ? power : 0;
  const decimals = Math.max(0, (wide ? 2 : 3) - Math.max(0, power - scale));
  const text = v => typeof v !== "number" ? String(v) : v === 0 ? "0"
    : (v / 10 ** scale).toFixed(decimals).replace(/^-(0\.?0*)$/, "$1");
  return { text, scale };
}

// One table for each matrix, beside each other; a long vector goes on in the next row.
function grid(p, text, name) {
  const axes = p.shape.length, row = axes === 1 && innerWidth <= 760 ? 8 : 16;
  const columns = axes === 1 ? Math.min(p.shape[0], row) : p.shape[axes - 1];
  const rows = axes > 1 ? p.shape[axes - 2] : Math.ceil(p.shape[0] / columns);
  const largest = Math.max(...p.values.map(v => typeof v === "number" ? Math.abs(v) : 0)) || 1;
  const cell = v => {
    const share = typeof v === "number" ? Math.abs(v) / largest * 0.55 : 0;
    const style = `background: rgba(var(${v < 0 ? "--minus" : "--plus"}), ${share.toFixed(3)})`;
    return el("td", { style, title: v }, text(v));
  };
  const tables = [];
  for (let start = 0; start < p.values.length; start += rows * columns) {
    const end = Math.min(start + rows * columns, p.values.length);
    const lines = [...Array(rows).keys()].map(i => start + i * columns)
      .map(first => p.values.slice(first, Math.min(first + columns, end)));
    tables.push(el("table", { "aria-label": name, class: columns > 10 ? "wide" : null },
      lines.map(line => el("tr", {}, line.map(cell)))));
  }
  return el("div", { class: "scroll" }, tables.length > 1 ? el("div", { class: "tables" }, tables) : tables);
}

function statistics(p, name) {
  const facts = p.mean === null ? [] : [`mean ${short(p.mean)}, std ${short(p.std)}`];
  if (p.zeros) facts.push(p.zeros === 1 ? "1 zero" : `${p.zeros} zeros`);
  if (p.not_finite) facts.push(`${p.not_finite} not finite`);
  if (p.values !== null && !p.values.length) facts.push("no elements");
  const parts = [el("p", { class: "facts" }, facts.join("; "))];
  if (p.histogram) {
    const ends = [short(p.lowest), short(p.highest)];
    parts.push(el("div", { class: "histogram" }, bars(p, `Histogram of ${name}, from ${ends[0]} to ${ends[1]}`),
      el("div", { class: "ends" }, ends.map(end => el("span", {}, end)))));
  }
  return el("div", {}, parts);
}

// The counts, and a line at zero if that is within.
function bars(p, name) {
  const space = "http://www.w3.org/2000/svg", top = Math.max(...p.histogram), count = p.histogram.length;
  const svg = document.createElementNS(space, "svg");
  const rect = attributes => {
    const made = document.createElementNS(space, "rect");
    for (const [k, v] of Object.entries(attributes)) made.setAttribute(k, v);
    svg.append(made);
  };
  const all = { class: "bars", viewBox: `0 0 ${count} 10`, preserveAspectRatio: "none", role: "img", "aria-label": name };
  for (const [k, v] of Object.entries(all)) svg.setAttribute(k, v);
  p.histogram.forEach((n, i) => rect({ x: i + 0.05, width: 0.9, y: 10 - 10 * n / top, height: 10 * n / top }));
  if (p.lowest < 0 && p.highest > 0) {
    rect({ class: "zero", x: count * -p.lowest / (p.highest - p.lowest) - 0.06, width: 0.12, y: 0, height: 10 });
  }
  return svg;
}
