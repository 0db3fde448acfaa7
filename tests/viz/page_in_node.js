// Runs the script of the stepper's page in Node, with as much of a browser as it uses, presses keys
// and buttons as told, and prints what the page shows after each. No browser lays it out here.
"use strict";
const fs = require("fs");
const [file, ...presses] = process.argv.slice(2);
const html = fs.readFileSync(file, "utf8");

class Element {
  constructor(tag) {
    Object.assign(this, { tag, attributes: {}, children: [], listeners: {}, dataset: {}, scrollTop: 0, scrollLeft: 0 });
    const names = new Set();
    this.classes = names;
    this.classList = { toggle: (name, on) => on ? names.add(name) : names.delete(name) };
  }
  setAttribute(key, value) { this.attributes[key] = String(value); }
  append(...children) { this.children.push(...children); }
  replaceChildren(...children) { this.children = children; }
  addEventListener(kind, run) { this.listeners[kind] = run; }
  contains(other) { return this === other || this.children.some(c => c instanceof Element && c.contains(other)); }
  focus() { document.activeElement = this; }
  getBoundingClientRect() { return { top: 0, left: 0, width: 0, height: 0 }; }
  get textContent() { return this.children.map(c => c instanceof Element ? c.textContent : String(c)).join(" "); }
  set textContent(text) { this.children = [text]; }
  find(tag) { return [...(this.tag === tag ? [this] : []), ...this.children.flatMap(c => c instanceof Element ? c.find(tag) : [])]; }
}

const ids = {};
for (const [, id] of html.matchAll(/ id="([^"]+)"/g)) ids[id] = new Element(id);
ids.recording.textContent = html.match(/id="recording">([^]*?)<\/script>/)[1];
const boxes = [...html.matchAll(/class="node \w+" data-index="(\d+)"/g)].map(([, index]) =>
  Object.assign(new Element("g"), { dataset: { index } }));
const edges = [...html.matchAll(/data-from="(\d+)" data-to="(\d+)"/g)].map(([, from, to]) =>
  Object.assign(new Element("path"), { dataset: { from, to } }));
const listeners = {};
const timers = new Map();
globalThis.setInterval = run => { timers.set(timers.size + 1, run); return timers.size; };
globalThis.clearInterval = timer => timers.delete(timer);
globalThis.document = {
  activeElement: null, body: new Element("body"),
  getElementById: id => ids[id], createElement: tag => new Element(tag),
  createElementNS: (_, tag) => new Element(tag),
  querySelectorAll: selector => selector.endsWith(".node") ? boxes : edges,
  addEventListener: (kind, run) => { listeners[kind] = run; },
};
const script = html.match(/<script>([^]*?)<\/script>/)[1];
eval(`(() => {${script}})()`);

const numbers = (list, name) => list.filter(e => e.classes.has(name)).map(e => e.dataset.index ?? `${e.dataset.from}-${e.dataset.to}`);
const shown = () => ({
  where: ids.where.textContent, phase: ids.phase.textContent, spoken: ids.spoken.textContent,
  panel: ids.panel.textContent.replace(/\s+/g, " "), current: numbers(boxes, "current"),
  ahead: numbers(boxes, "ahead"), early: numbers(boxes, "early"), active: numbers(edges, "active"),
  off: ["first", "previous", "next", "last"].filter(id => ids[id].disabled), playing: timers.size > 0,
  tables: ids.panel.find("table").length, bars: ids.panel.find("rect").length,
  focus: document.activeElement?.tag ?? null,
});
const states = [shown()];
for (const press of presses) {
  const [what, which] = press.split(":");
  if (what === "key") listeners.keydown({ key: which, target: ids.panel, preventDefault() {} });
  else if (what === "tick") [...timers.values()].forEach(run => run());
  else if (what === "node") boxes[Number(which)].listeners.click();
  else if (what === "slider") { ids.slider.value = which; ids.slider.listeners.input(); }
  else if (what === "wrong") { ids.wrong.checked = which === "on"; ids.wrong.listeners.change(); }
  else if (what === "link") ids.panel.find("button").find(b => b.textContent === which).listeners.click();
  else { ids[what].focus(); ids[what].listeners.click(); }
  states.push(shown());
}
console.log(JSON.stringify(states));
