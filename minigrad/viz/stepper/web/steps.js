// ------------------------------------------------------------------ the steps, and going through them

const SECONDS = 1.4; // that a step stays while playing

const stepsOf = turns => [
  ...nodes.map(n => ({ phase: "forward", node: n.index })),
  ...turns.map(turn => ({ phase: "backward", node: turn.node, turn })),
  { phase: "backward", node: null },
];
const orders = { right: stepsOf(data.backward), wrong: stepsOf(data.wrong) };
let order = "right", at = 0, timer = null;
let open = null; // the block that is open, while others are folded
let asOne = false; // whether a block is passed in one step, folded
const steps = () => orders[order];
const turnsOf = () => order === "wrong" ? data.wrong : data.backward;
const folding = () => blocks.length > 0 && $("fold").checked;
const blockAt = i => folding() ? blockOf.get(steps()[i]?.node) : undefined;
const together = (i, j) => asOne && blockAt(i) !== undefined && blockAt(i) === blockAt(j);

function stepOf(index) {
  const phase = steps()[at].phase;
  const found = steps().findIndex(s => s.phase === phase && s.node === index);
  return found >= 0 ? found : steps().findIndex(s => s.node === index);
}

// A box was chosen: the step of its node; of a folded block, the block is opened at its first step.
function enter(members) {
  if (members.length === 1) return go(stepOf(members[0]));
  asOne = false;
  go(Math.min(...members.map(stepOf)));
}

function previous() {
  let i = at;
  while (together(i - 1, i)) i -= 1;
  go(i - 1);
}

function go(i) {
  const end = steps().length - 1;
  at = Math.max(0, Math.min(i, end));
  while (together(at, at + 1)) at += 1;
  const s = steps()[at], block = blockAt(at), passed = asOne && block !== undefined;
  if (!asOne && block !== undefined) open = block;
  document.body.classList.toggle("backward", s.phase === "backward");
  $("phase").textContent = s.phase === "forward" ? "forward" : order === "wrong" ? "backward, wrong order" : "backward";
  $("where").textContent = `step ${at + 1} of ${end + 1}`;
  const focused = document.activeElement;
  for (const id of ["first", "previous"]) $(id).disabled = at === 0;
  for (const id of ["next", "last"]) $(id).disabled = at === end;
  if (focused && focused.disabled) $("play").focus(); // a button that is switched off loses the focus
  $("slider").max = end;
  $("slider").value = at;
  $("slider").setAttribute("aria-valuetext", `${at + 1} of ${end + 1}, ${s.phase}`);
  fill(s, passed, block);
  drawGraph(!folding() ? "all" : asOne || open === null ? "folded" : String(open));
  mark(s);
  $("spoken").textContent = `Step ${at + 1} of ${end + 1}, ${s.phase}. ${spoken(s, passed, block)}`;
  if (at === end) play(false);
}

function fill(s, passed, block) {
  const inside = $("panel").contains(document.activeElement);
  const again = document.activeElement?.id === "fold-this";
  const parts = s.node === null ? result() : passed ? summary(blocks[block])
    : [...heading(nodes[s.node]), ...(s.turn ? backward(s.turn) : forward(nodes[s.node]))];
  if (block !== undefined) {
    const text = passed ? "open this block" : `fold ${blocks[block].title}`;
    parts.unshift(el("button", { id: "fold-this", title: "F", onclick: foldHere }, text));
  }
  $("panel").replaceChildren(...parts.filter(Boolean));
  $("panel").scrollTop = 0;
  for (const area of $("panel").querySelectorAll(".scroll")) { // by keyboard too
    if (area.scrollWidth > area.clientWidth) area.setAttribute("tabindex", "0");
  }
  if (inside) (again && $("fold-this") || $("panel")).focus(); // what was focused in it is gone
}

function foldHere() {
  const block = blockAt(at);
  if (block === undefined) return;
  asOne = !asOne;
  if (asOne) open = null;
  go(asOne ? at : Math.min(...blocks[block].members.map(stepOf)));
}

function spoken(s, passed, block) {
  if (s.node === null) return "The end: the gradients of the leaves";
  if (passed) return `${blocks[block].title}, folded: ${blocks[block].note}`;
  const n = nodes[s.node];
  if (!s.turn) return `${title(n)}: value ${n.values.map(v => inWords(picture(v))).join("; ")}`;
  const sent = s.turn.contributions.map(c => `${inWords(picture(c.gradient))} to ${title(nodes[c.to])}`);
  return `${title(n)}: upstream ${s.turn.upstream.map(u => inWords(picture(u))).join("; ")}` +
    (sent.length ? `, sends ${sent.join(", and ")}` : "") + (s.turn.missing.length ? ". Too early." : "");
}

function play(on) {
  clearInterval(timer);
  timer = on ? setInterval(() => go(at + 1), 1000 * SECONDS) : null;
  $("play").textContent = on ? "pause" : "play";
  $("play").setAttribute("aria-pressed", String(on));
  $("play").setAttribute("aria-label", on ? "Pause" : "Play");
}

function toggle() {
  if (timer === null && at === steps().length - 1) go(0);
  play(timer === null);
}

function choose(wrong) {
  play(false);
  order = wrong ? "wrong" : "right";
  $("wrong").checked = wrong;
  go(at);
}

// ------------------------------------------------------------------ controls

const actions = {
  first: () => go(0), previous, next: () => go(at + 1), last: () => go(steps().length - 1),
  play: toggle, help: () => $("about").showModal(),
};
for (const [id, action] of Object.entries(actions)) $(id).addEventListener("click", action);
$("slider").addEventListener("input", () => go(Number($("slider").value)));
$("wrong").addEventListener("change", () => choose($("wrong").checked));
$("fold-label").hidden = !blocks.length;
$("fold").addEventListener("change", () => go(at));

const keys = {
  ArrowRight: actions.next, ArrowLeft: previous, Home: actions.first, End: actions.last, p: toggle,
  w: () => choose(order === "right"), f: foldHere, "+": () => zoomTo(zoom * 1.25), "-": () => zoomTo(zoom / 1.25),
  0: fit, "?": actions.help,
};
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("about").open) return;
  if (event.target.id === "slider" && event.key.length > 1) return; // it has arrows, Home and End of its own
  const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action) return;
  action();
  event.preventDefault();
});

go(0);
