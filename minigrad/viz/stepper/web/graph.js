// ------------------------------------------------------------------ the graph

// data.graphs: "all" boxes; if blocks repeat, also with each "folded", and with one (its number) open.
const blockOf = new Map(blocks.flatMap((block, k) => block.members.map(i => [i, k])));
let shown = { key: null, boxes: [], edges: [], place: new Map() };
let zoom = 1, fitted = null; // fitted: whether the zoom follows the size of the pane; null: not decided yet

function drawGraph(key) {
  if (shown.key === key) return;
  const hadFocus = $("graph").contains(document.activeElement);
  $("graph").innerHTML = data.graphs[key];
  const svg = $("graph").firstElementChild;
  const boxes = [...svg.querySelectorAll(".node")].map(box => ({ box, members: box.dataset.index.split(" ").map(Number) }));
  svg.setAttribute("role", "group");
  for (const [k, { box, members }] of boxes.entries()) {
    box.setAttribute("role", "button");
    box.setAttribute("aria-label", box.querySelector("title").textContent);
    box.addEventListener("click", () => enter(members));
    box.addEventListener("keydown", event => {
      if (event.key === "Enter" || event.key === " ") enter(members);
      else if (event.key === "ArrowDown") focusBox(k + 1);
      else if (event.key === "ArrowUp") focusBox(k - 1);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }
  const { width, height } = svg.viewBox.baseVal;
  const place = new Map(boxes.flatMap(({ members }, k) => members.map(i => [i, k])));
  shown = { key, svg, width, height, boxes, place, edges: [...svg.querySelectorAll(".edge")], hadFocus };
  resize();
}

function focusBox(k) {
  const next = shown.boxes[k];
  if (!next) return;
  for (const { box } of shown.boxes) box.setAttribute("tabindex", box === next.box ? "0" : "-1");
  next.box.focus();
  intoView(next.box);
}

// The gradient at each node after this step, as pictures; the loss's own is where backward starts.
function gradientsSoFar() {
  const found = new Map();
  for (const { turn } of steps().slice(0, at + 1)) {
    if (!turn) continue;
    if (!found.has(turn.node)) found.set(turn.node, turn.upstream[0]);
    for (const c of turn.contributions) found.set(c.to, c.after);
  }
  return found;
}

function mark(s) {
  const past = steps().slice(0, at + 1).filter(t => t.phase === s.phase);
  const reached = new Set(past.flatMap(t => [t.node, ...(t.turn?.contributions.map(c => c.to) ?? [])]));
  const early = new Set(past.filter(t => t.turn?.missing.length).map(t => t.node));
  const n = nodes[s.node], gradients = gradientsSoFar();
  const near = s.turn ? s.turn.contributions.map(c => c.to) : n ? n.arguments.map(a => a.source) : [];
  for (const { box, members } of shown.boxes) {
    const current = members.includes(s.node);
    box.classList.toggle("current", current);
    box.classList.toggle("ahead", s.node !== null && !members.some(i => reached.has(i)));
    box.classList.toggle("early", members.some(i => early.has(i)));
    box.classList.toggle("spoiled", s.node === null && order === "wrong" && data.spoiled.includes(members[0]));
    if (current) box.setAttribute("aria-current", "step");
    else box.removeAttribute("aria-current");
    box.setAttribute("tabindex", current ? "0" : "-1");
    const gradient = picture(gradients.get(members[0])), place = box.querySelector(".grad");
    if (place) place.textContent = gradient && gradient.shape.length === 0 ? `grad ${short(gradient.values[0])}` : "";
  }
  const sources = near.map(i => shown.place.get(i)), target = shown.place.get(s.node);
  for (const edge of shown.edges) {
    const active = Number(edge.dataset.to) === target && sources.includes(Number(edge.dataset.from));
    edge.classList.toggle("active", active);
    if (active) edge.parentNode.append(edge); // above the others, which share its way
  }
  const box = (shown.boxes[target] ?? shown.boxes[0]).box;
  if (target === undefined) box.setAttribute("tabindex", "0");
  else intoView(box);
  if (shown.hadFocus || $("graph").contains(document.activeElement)) box.focus({ preventScroll: true });
  shown.hadFocus = false;
}

// Scrolls the pane, and nothing else, if the box or what is near it would not be seen.
function intoView(box) {
  const area = $("graph"), inner = box.getBoundingClientRect(), outer = area.getBoundingClientRect();
  const near = Math.min(90, outer.height / 4);
  if (inner.top < outer.top + near || inner.bottom > outer.bottom - near) {
    area.scrollTop += inner.top + inner.height / 2 - outer.top - outer.height / 2;
  }
  if (inner.left < outer.left + 20 || inner.right > outer.right - 20) {
    area.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
  }
}

// ------------------------------------------------------------------ zoom

const wholeAt = () => Math.min($("graph").clientWidth / shown.width, $("graph").clientHeight / shown.height, 1.25);

function resize() {
  if (fitted === null) fitted = wholeAt() >= (innerWidth > 760 ? 0.7 : 1); // else too small to read, or to tap
  if (fitted) zoom = wholeAt();
  $("graph").classList.toggle("scrolls", !fitted); // room below, so that nothing stays under the buttons
  shown.svg.style.width = `${shown.width * zoom}px`;
  shown.svg.style.height = `${shown.height * zoom}px`;
}

// What is at (x, y) of the window, by default the middle of the pane, stays where it is.
function zoomTo(wanted, x, y) {
  const area = $("graph"), outer = area.getBoundingClientRect(), before = shown.svg.getBoundingClientRect();
  const [left, top] = [x ?? outer.left + outer.width / 2, y ?? outer.top + outer.height / 2];
  const old = zoom;
  zoom = Math.max(Math.min(0.15, wholeAt()), Math.min(3, wanted));
  fitted = false;
  resize();
  const after = shown.svg.getBoundingClientRect();
  area.scrollLeft += after.left + (left - before.left) * zoom / old - left;
  area.scrollTop += after.top + (top - before.top) * zoom / old - top;
}

function fit() {
  fitted = true;
  resize();
}

$("out").addEventListener("click", () => zoomTo(zoom / 1.25));
$("in").addEventListener("click", () => zoomTo(zoom * 1.25));
$("fit").addEventListener("click", fit);
window.addEventListener("resize", resize);
$("graph").addEventListener("wheel", event => { // with Ctrl, and two fingers on a touchpad
  if (!event.ctrlKey) return;
  event.preventDefault();
  zoomTo(zoom * Math.exp(-event.deltaY / 200), event.clientX, event.clientY);
}, { passive: false });

let pinch = null; // two fingers on a screen: their distance, and the zoom at the start
$("graph").addEventListener("touchmove", event => {
  if (event.touches.length !== 2) return;
  event.preventDefault();
  const [a, b] = event.touches, apart = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
  pinch ??= { apart, zoom };
  zoomTo(pinch.zoom * apart / pinch.apart, (a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2);
}, { passive: false });
for (const end of ["touchend", "touchcancel"]) $("graph").addEventListener(end, () => { pinch = null; });
