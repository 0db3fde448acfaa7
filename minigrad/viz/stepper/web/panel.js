// ------------------------------------------------------------------ what the panel says of a step

// A node's name, as a button that leads to its step.
const link = index => el("button", { class: "link", onclick: () => go(stepOf(index)) }, title(nodes[index]));
const listed = links => links.flatMap((made, i) => [i ? ", " : "", made]);
const sign = text => el("span", { class: "sign", "aria-hidden": "true" }, text);
const section = (name, ...parts) => [el("h3", {}, name), ...parts.flat()];
const inCode = text => text.split("`").map((part, i) => i % 2 ? el("code", {}, part) : part);

function heading(n) {
  const kinds = { leaf: "A leaf: its gradient is wanted.", data: "Data: it gets no gradient." };
  return [
    el("h2", {}, title(n)),
    el("p", { class: "doc" }, n.kind === "op" ? inCode(n.doc) : kinds[n.kind]),
    n.line ? el("p", { class: "source" }, el("span", { class: "note" }, n.line), el("code", {}, n.code || "")) : null,
  ];
}

function forward(n) {
  const parts = [];
  const given = a => {
    if (a.source === null) return el("figure", {}, el("figcaption", {}, el("b", {}, a.name)), el("code", {}, a.text));
    const values = nodes[a.source].values, caption = [el("b", {}, a.name), ": ", link(a.source)];
    if (values.length === 1) return draw(values[0], caption, `${a.name}: ${title(nodes[a.source])}`);
    return el("figure", {}, el("figcaption", {}, caption), `${values.length} values`);
  };
  if (n.arguments.length) parts.push(section("From", el("div", { class: "row" }, n.arguments.map(given))));
  const several = n.values.length > 1;
  parts.push(section(several ? "Values" : "Value", el("div", { class: "row" },
    n.values.map((v, i) => draw(v, several ? `[${i}]` : "", several ? `value ${i}` : "value")))));
  if (n.kind === "op") {
    const kept = Object.entries(n.saved).map(([name, v]) => typeof v === "number" ? draw(v, el("b", {}, name), name)
      : el("figure", {}, el("figcaption", {}, el("b", {}, name)), el("code", {}, v)));
    parts.push(section("What the pullback keeps for backward", kept.length ? el("div", { class: "row" }, kept)
      : el("p", { class: "note" }, "nothing: its derivative does not depend on any value")));
    parts.push(section("Age", el("p", {},
      `${n.age}: an op is younger than what it was computed from. Backward runs the youngest first.`)));
  }
  if (n.users.length > 1) {
    parts.push(section(`Used ${n.users.length} times`,
      el("p", {}, "In backward, the gradients that these send are added up: ", listed(n.users.map(link)))));
  }
  return parts.flat();
}

function backward(turn) {
  const parts = [];
  const why = turn.missing.length ? el("p", { class: "warning" }, turn.why) : el("p", {}, turn.why);
  if (turn.missing.length) parts.push(why);
  parts.push(section("Upstream: the gradient of the loss with respect to this value", el("div", { class: "row" },
    turn.upstream.map((u, i) => draw(u, turn.upstream.length > 1 ? `[${i}]` : "", "upstream")))));
  for (const c of turn.contributions) {
    parts.push(section(["To argument ", el("b", {}, c.argument), ": ", link(c.to)]));
    parts.push(product(turn, c));
    if (c.before !== null) {
      parts.push(el("div", { class: "sum" }, el("p", {}, "Used more than once: the contributions add up"),
        el("div", { class: "row" }, draw(c.before, "so far"), sign("+"), draw(c.gradient, "this one"),
          sign("="), draw(c.after, "sum"))));
    }
    if (c.late) parts.push(el("p", { class: "warning" }, "Too late: that op has run already, and does not pass this on."));
  }
  if (!turn.contributions.length) parts.push(el("p", { class: "note" }, "It sends no gradient on."));
  if (!turn.missing.length) parts.push(section("Why now", why));
  return parts.flat();
}

function product(turn, c) {
  const result = draw(c.gradient, "contribution");
  if (c.local === null) {
    return el("div", {}, result,
      el("p", { class: "note" }, "The Jacobian is not shown: the pullback multiplies by it without making it."));
  }
  const one = picture(turn.upstream[0]).shape.length === 0;
  const upstream = one ? draw(turn.upstream[0], "upstream") : el("span", { class: "word" }, c.elementwise ? "upstream" : "upstream, as a row");
  const local = draw(c.local, c.elementwise ? "local derivative" : "Jacobian: a row for each element of the value,");
  return el("div", { class: "row" }, upstream, sign(c.elementwise ? "×" : "·"), local, sign("="), result);
}

// A folded block: what goes in and what comes out, in the direction of the phase.
function summary(block) {
  const inside = new Set(block.members);
  const ops = block.members.filter(i => nodes[i].kind === "op");
  const names = [...new Set(ops.map(i => nodes[i].name.replace(/\[\d+\]$/, "")))];
  const parts = [el("h2", {}, block.title),
    el("p", { class: "doc" }, `${block.note}: ${names.join(", ")}`)];
  const list = (name, found) => parts.push(...section(name, el("div", { class: "row" }, found)));
  const value = i => draw(nodes[i].values[0], link(i), title(nodes[i]));
  if (steps()[at].phase === "forward") {
    const sources = ops.flatMap(i => nodes[i].arguments.map(a => a.source)).filter(i => i !== null && !inside.has(i));
    list("Goes in", [...new Set(sources)].map(value));
    list("Comes out", ops.filter(i => nodes[i].users.some(u => !inside.has(u))).map(value));
    return parts;
  }
  const turns = turnsOf().filter(turn => inside.has(turn.node));
  const arriving = turns.filter(turn => !nodes[turn.node].users.length || nodes[turn.node].users.some(u => !inside.has(u)));
  list("Upstream: the gradients that arrive", arriving.map(turn => draw(turn.upstream[0], link(turn.node), title(nodes[turn.node]))));
  const sent = new Map(); // the last sum at each that is outside
  for (const c of turns.flatMap(turn => turn.contributions)) if (!inside.has(c.to)) sent.set(c.to, c.after);
  list("The gradients there, after this block has sent its part", [...sent].map(([i, after]) => draw(after, link(i), title(nodes[i]))));
  return parts;
}

function result() {
  const right = data.gradients, wrong = order === "wrong", now = wrong ? data.wrong_gradients : right;
  const parts = [el("h2", {}, "The gradients of the leaves")];
  if (wrong) {
    const spoiled = data.spoiled.length;
    parts.push(spoiled
      ? el("p", { class: "warning" }, `Depth first, ${spoiled} of ${Object.keys(right).length} gradients are wrong: ` +
        "an op ran before every gradient of its value had arrived, and what came later was never passed on.")
      : el("p", {}, "Depth first gives the same here: no op ran before its gradient was complete. " +
        "That is so in every graph in which only leaves are used twice, and luck elsewhere."));
  }
  for (const i of Object.keys(right)) {
    const differs = wrong && data.spoiled.includes(Number(i));
    parts.push(...section([link(Number(i)), differs ? el("b", {}, " wrong") : ""], el("div", { class: "row" },
      draw(nodes[i].values[0], "value"), draw(now[i], wrong ? "gradient, depth first" : "gradient"), differs ? draw(right[i], "right would be") : null)));
  }
  return parts;
}
