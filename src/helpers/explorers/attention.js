// The attention explorer; a coarse map is enlarged, colored and laid over its picture as in figures/attention.py.

const KINDS = {
  all: ["all malignant", () => true],
  hits: ["hits: called malignant", ({ label, called }) => called === label],
  errors: ["critical errors: called normal or benign", ({ label, called }) => called !== label],
};

/** Each network's cases: the call, the probabilities and the two maps, cut out of the bytes. */
function networksOf(model) {
  const images = model.get("images"), classes = model.get("classes");
  const probabilities = numbers(model.get("probabilities")), maps = numbers(model.get("maps"));
  let map = 0, chance = 0;
  return model.get("networks").map(({ network, height, width }) => {
    const next = () => ({ height, width, cells: maps.subarray(map, (map += height * width)) });
    const called = images.map(next), truth = images.map(next);
    const cases = images.map((image, i) => {
      const chances = probabilities.subarray(chance, (chance += classes.length));
      return { ...image, chances, called: classes[chances.indexOf(Math.max(...chances))], maps: { called: called[i], label: truth[i] } };
    });
    return { network, cases };
  });
}

/** Weights of the four cells around a place, as OpenCV's INTER_CUBIC has them. */
function cubic(x) {
  const a = -0.75, far = (t) => ((a * t - 5 * a) * t + 8 * a) * t - 4 * a, close = (t) => ((a + 2) * t - (a + 3)) * t * t + 1;
  const weights = [far(x + 1), close(x), close(1 - x)];
  return [...weights, 1 - weights[0] - weights[1] - weights[2]];
}

/** For each of `size` pixels the four cells out of `count` that make it, and their weights. */
function taps(size, count) {
  return Array.from({ length: size }, (_, i) => {
    const place = (i + 0.5) * (count / size) - 0.5, first = Math.floor(place);
    return cubic(place - first).map((weight, k) => [Math.min(Math.max(first + k - 1, 0), count - 1), weight]);
  });
}

/** A map from 0 to 1 at the picture's size; what a cubic overshoots is cut. */
function enlarged({ height, width, cells }, side) {
  const peak = Math.max(...cells), strength = new Float32Array(side * side);
  if (!(peak > 0)) return strength;
  const down = taps(side, height), across = taps(side, width), row = new Float32Array(width);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < width; x++) row[x] = down[y].reduce((sum, [cell, weight]) => sum + weight * cells[cell * width + x], 0) / peak;
    for (let x = 0; x < side; x++) {
      const [[a, p], [b, q], [c, r], [d, s]] = across[x];
      strength[y * side + x] = Math.min(Math.max(p * row[a] + q * row[b] + r * row[c] + s * row[d], 0), 1);
    }
  }
  return strength;
}

/** Lays evidence over gray pixels, in place; the stronger, the more opaque. */
function overlay(pixels, strength, opacity, colors) {
  for (let i = 0; i < strength.length; i++) {
    const alpha = opacity * strength[i], color = 3 * Math.min(Math.trunc((0.25 + 0.75 * strength[i]) * 256), 255);
    for (let k = 0; k < 3; k++) pixels[4 * i + k] = (1 - alpha) * pixels[4 * i + k] + alpha * 255 * colors[color + k];
  }
}

/** The colors of the map on mid gray, which stands for tissue. */
function drawKey(canvas, opacity, colors) {
  const context = canvas.getContext("2d"), image = context.createImageData(canvas.width, 1);
  image.data.fill(255);
  for (let i = 0; i < canvas.width; i++) image.data.fill(110, 4 * i, 4 * i + 3);
  overlay(image.data, Float32Array.from({ length: canvas.width }, (_, i) => i / (canvas.width - 1)), opacity, colors);
  for (let y = 0; y < canvas.height; y++) context.putImageData(image, 0, y);
}

/** The lesion's outline, legible on dark and on bright tissue. */
const outline = ([x, y, r], color) =>
  [["#222222", 4], [color, 2]].map(([stroke, width]) =>
    svg("circle", { cx: x + 0.5, cy: y + 0.5, r, fill: "none", stroke, "stroke-width": width, "vector-effect": "non-scaling-stroke" }));

function chancesTable(one, classes, look) {
  const rows = classes.map((name, i) => {
    const { color } = look.classes[name], said = [name === one.label && "true", name === one.called && "called"].filter(Boolean);
    const bar = element("span", { style: "display:block;width:9rem;background:#f0f0f0;border-radius:2px", "aria-hidden": "true" },
      element("span", { style: `display:block;height:0.7rem;border-radius:2px;background:${color};width:${100 * one.chances[i]}%` }));
    const words = element("span", { style: "display:block;font-weight:normal;color:var(--muted)" }, said.join(" and ") || "\u00a0");
    return [element("span", { style: "white-space:nowrap" }, badge(look.classes[name]), name, words), element("span", {}, shown(one.chances[i]), bar)];
  });
  return table(`Probabilities of ${one.id}`, ["class", "probability"], rows);
}

async function render({ model, el }) {
  const look = model.get("look"), networks = networksOf(model), colors = numbers(model.get("colors"));
  const { side, columns } = model.get("tiles"), picture = await tiles(model.get("pictures"), { side, columns });
  const view = { explained: "called", opacity: model.get("strongest"), outlined: true };
  let network = networks[0], kind = "all", at = 0;

  const canvas = element("canvas", { width: side, height: side, role: "img", style: "width:100%" });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const lesion = svg("svg", { viewBox: `0 0 ${side} ${side}`, "aria-hidden": "true", style: "position:absolute;inset:0;width:100%;height:100%" });
  const bar = element("canvas", { width: 96, height: 12, role: "img", "aria-label": "Colors of the evidence, from none to the strongest in the map" });
  const framed = element("div", { style: "position:relative;width:100%" }, canvas, lesion);
  const cases = place({ style: "display:contents" }), facts = place({ "aria-live": "polite" });
  const pictures = element("div", { style: "flex:1 1 16rem;max-width:26rem;min-width:0" }, framed,
    element("p", { class: "note", style: "display:flex;gap:0.5rem;align-items:center;flex-wrap:wrap" }, "none", bar, "strongest evidence in the map"));
  const chosen = () => network.cases.map((one, i) => ({ ...one, i })).filter(KINDS[kind][1]);

  function draw() {
    drawKey(bar, view.opacity, colors);
    pictures.hidden = !chosen().length;
    if (pictures.hidden) return facts.show(`${look.networks[network.network].name} has no such picture here.`);
    const one = network.cases[at], map = one.maps[view.explained], about = one[view.explained];
    picture(context, at, 0, 0);
    const image = context.getImageData(0, 0, side, side);
    overlay(image.data, enlarged(map, side), view.opacity, colors);
    context.putImageData(image, 0, 0);
    canvas.setAttribute("aria-label", `${one.id}, with the evidence for ${about}`);
    lesion.replaceChildren(...(view.outlined && one.circle ? outline(one.circle, model.get("outline")) : []));
    facts.show(chancesTable(one, model.get("classes"), look), element("p", {}, sentence(one, map, about)));
  }
  function sentence(one, { height, width, cells }, about) {
    const same = one.called === one.label ? "The call is right: one and the same map for both. " : "";
    const empty = cells.some((cell) => cell > 0) ? "" : `There is no positive evidence for ${about}. `;
    const circle = !one.circle ? "Where the lesion lies is not known." : view.outlined ? "The circle is the lesion; the network was not shown it." : "";
    return `Evidence for ${about}, enlarged from ${height} x ${width} cells. ${empty}${same}${circle}`;
  }
  /** Another network or filter: the list of pictures follows, and the picture stays where it is still in the list. */
  function list() {
    const some = chosen();
    if (some.length && !some.some(({ i }) => i === at)) at = some[0].i;
    cases.show(choice("Picture", some.map(({ i, id, called }) => [i, `${id}, called ${called}`]), at, (value) => { at = Number(value); draw(); }));
    for (const button of [back, on]) button.disabled = some.length < 2;
    draw();
  }
  function go(by) {
    const some = chosen(), now = some.findIndex(({ i }) => i === at);
    at = some[(now + by + some.length) % some.length].i;
    cases.box.querySelector("select").value = at;
    draw();
  }
  const back = element("button", { type: "button", onclick: () => go(-1) }, "Previous");
  const on = element("button", { type: "button", onclick: () => go(1) }, "Next");
  const outlined = element("input", { type: "checkbox", checked: true, onchange: () => { view.outlined = outlined.checked; draw(); } });

  el.append(
    element("section", { class: "explorer", "data-explorer": "attention", "aria-label": "Attention explorer" },
      element("div", { class: "controls" },
        choice("Network", networks.map((one, i) => [i, look.networks[one.network].name]), 0, (value) => { network = networks[value]; list(); }),
        choice("Show", Object.entries(KINDS).map(([key, [name]]) => [key, name]), kind, (value) => { kind = value; list(); }),
        cases.box, element("div", {}, back, " ", on)),
      element("div", { class: "controls" },
        choice("Evidence for", [["called", "the class that was called"], ["label", "the class that is true"]], view.explained, (value) => { view.explained = value; draw(); }),
        slider("Opacity of the strongest evidence", { min: 0, max: 100, step: 5, value: Math.round(100 * view.opacity), format: (value) => `${value} %` }, (value) => { view.opacity = value / 100; draw(); }),
        element("label", {}, outlined, " outline of the lesion")),
      element("div", { class: "side" }, pictures, element("div", { style: "flex:1 1 16rem;min-width:0" }, facts.box)),
      element("p", { class: "note" }, model.get("note"))),
  );
  list();
}

export default { render };
