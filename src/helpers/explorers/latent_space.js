// The latent-space explorer: every test picture a point, drawn on a plain canvas, so no WebGL is asked for.

const INK = "#222222", MUTED = "#5f5f5f", EDGE = "#d0d0d0", ACCENT = "#005f8f";
const NEAR = 18, THUMBNAIL = 96, DEGREE = Math.PI / 180;
const METHODS = [["pca", "principal components"], ["tsne", "t-SNE (chosen layer)"]];
const STEPS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
const CORNERS = [-1, 1].flatMap((x) => [-1, 1].flatMap((y) => [-1, 1].map((z) => [x, y, z])));

/** Each network with its coordinates and calls cut out of the bytes. */
function networksOf(model) {
  const points = numbers(model.get("points")), probabilities = numbers(model.get("probabilities"));
  const count = model.get("images").length, classes = model.get("classes");
  let start = 0;
  const next = (dims) => points.subarray(start, (start += count * dims));
  return model.get("networks").map((network, place) => {
    const pca = Object.fromEntries(network.layers.map((layer) => [layer, next(3)]));
    const tsne = { 2: next(2), 3: next(3) };
    const chances = Array.from({ length: count }, (_, i) => {
      const from = (place * count + i) * classes.length;
      return probabilities.subarray(from, from + classes.length);
    });
    return { ...network, pca, tsne, chances, called: chances.map((row) => classes[row.indexOf(Math.max(...row))]) };
  });
}

/** Coordinates from -1 to 1, each axis on its own scale, as in the figures. */
function spread(values, stride, dims) {
  const count = values.length / stride;
  const axes = Array.from({ length: dims }, (_, axis) => {
    let low = Infinity, high = -Infinity;
    for (let i = axis; i < values.length; i += stride) { low = Math.min(low, values[i]); high = Math.max(high, values[i]); }
    return { middle: (low + high) / 2, half: (high - low) / 2 || 1 };
  });
  return Array.from({ length: count }, (_, i) =>
    axes.map(({ middle, half }, axis) => (values[i * stride + axis] - middle) / half));
}

/** A corner or point as it is seen: right, down, and how near it is, from -1 to 1. */
function seen([x, y, z], { dims, turn, tilt }, { width, height }) {
  if (dims === 2) return [width / 2 + x * (width / 2 - 16), height / 2 - y * (height / 2 - 16), 0];
  const [across, away] = [x * Math.cos(turn) + z * Math.sin(turn), z * Math.cos(turn) - x * Math.sin(turn)];
  const [up, near] = [y * Math.cos(tilt) - away * Math.sin(tilt), away * Math.cos(tilt) + y * Math.sin(tilt)];
  const scale = Math.min(width, height) / 3.5;
  return [width / 2 + scale * across, height / 2 - scale * up, near / 1.74];
}

/** The point that lies in a direction: near, and not far off the way; the same point where there is none. */
function neighbor(spots, from, [right, down]) {
  let best = from, least = Infinity;
  spots.forEach(([x, y], i) => {
    const along = (x - spots[from][0]) * right + (y - spots[from][1]) * down;
    const aside = Math.abs((x - spots[from][0]) * down) + Math.abs((y - spots[from][1]) * right);
    if (along > 0 && along + 2 * aside < least) [best, least] = [i, along + 2 * aside];
  });
  return best;
}

function nearest(spots, x, y) {
  const distances = spots.map(([a, b]) => Math.hypot(a - x, b - y));
  const least = Math.min(...distances);
  return least <= NEAR ? distances.indexOf(least) : -1;
}

function trace(context, shape, x, y, size) {
  context.beginPath();
  if (shape === "s") context.rect(x - size, y - size, 2 * size, 2 * size);
  else if (shape === "^") {
    context.moveTo(x, y - 1.2 * size);
    context.lineTo(x - 1.1 * size, y + 0.9 * size);
    context.lineTo(x + 1.1 * size, y + 0.9 * size);
    context.closePath();
  } else context.arc(x, y, size, 0, 2 * Math.PI);
}

function ring(context, [x, y], radius, color, width) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  Object.assign(context, { strokeStyle: color, lineWidth: width });
  context.stroke();
}

/** The box around a cloud in three dimensions, its axes numbered. */
function drawBox(context, view, size) {
  const corners = CORNERS.map((corner) => seen(corner, view, size));
  Object.assign(context, { strokeStyle: EDGE, lineWidth: 1, fillStyle: MUTED, font: "12px system-ui, sans-serif" });
  context.beginPath();
  CORNERS.forEach((one, i) => CORNERS.forEach((other, j) => {
    if (i < j && one.filter((value, axis) => value !== other[axis]).length === 1) {
      context.moveTo(corners[i][0], corners[i][1]);
      context.lineTo(corners[j][0], corners[j][1]);
    }
  }));
  context.stroke();
  Object.assign(context, { textAlign: "center", textBaseline: "middle" });
  [[0, -1.15, -1.15], [-1.15, 0, -1.15], [-1.15, -1.15, 0]].forEach((place, axis) => {
    const [x, y] = seen(place, view, size);
    context.fillText(String(axis + 1), x, y);
  });
}

function drawCloud(context, spots, network, images, view, look) {
  const order = spots.map((_, i) => i).sort((a, b) => spots[a][2] - spots[b][2]);
  for (const i of order) {
    const [x, y, near] = spots[i], { color, mark: shape } = look.classes[images[i].label];
    const size = (view.dims === 3 ? 4 + near : 4) * (images.length > 250 ? 0.85 : 1);
    Object.assign(context, { globalAlpha: view.dims === 3 ? 0.7 + 0.25 * near : 0.8, fillStyle: color });
    trace(context, shape, x, y, size);
    context.fill();
    context.globalAlpha = 1;
    if (network.called[i] !== images[i].label) ring(context, spots[i], size + 3.5, INK, 1.1);
  }
}

/** The picture behind a point, beside it and inside the canvas, in a frame of its class. */
function drawThumbnail(context, [x, y], i, picture, color, { width, height }) {
  ring(context, [x, y], 10, "#ffffff", 5);
  ring(context, [x, y], 10, ACCENT, 2.5);
  const left = x + 18 + THUMBNAIL + 4 < width ? x + 18 : Math.max(4, x - 18 - THUMBNAIL);
  const top = Math.min(Math.max(4, y - THUMBNAIL / 2), height - THUMBNAIL - 4);
  context.fillStyle = color;
  context.fillRect(left - 3, top - 3, THUMBNAIL + 6, THUMBNAIL + 6);
  picture(context, i, left, top, THUMBNAIL);
}

const classBadge = (look, name) => [badge(look.classes[name]), name];

function legend(network, images, classes, look) {
  const wrong = images.filter(({ label }, i) => label !== network.called[i]).length;
  const circle = svg("svg", { class: "badge", viewBox: "0 0 14 14", width: 14, height: 14, "aria-hidden": "true" },
    svg("circle", { cx: 7, cy: 7, r: 5.5, fill: "none", stroke: INK, "stroke-width": 1.2 }));
  const entries = classes.map((name) =>
    [...classBadge(look, name), " (", shown(images.filter(({ label }) => label === name).length, 0), ")"]);
  const spaced = { style: "display:inline-block;margin-right:1.1rem" };
  return [...entries, [circle, "called wrongly (", shown(wrong, 0), ")"]].map((entry) => element("span", spaced, entry));
}

function summary(network, { method, layer, dims }) {
  const named = `Layer ${layer}${layer === network.chosen ? ", the one that the rule chooses" : ""}. `;
  if (method === "tsne") return [named, "t-SNE keeps neighbors; gaps, sizes and axes mean nothing."];
  const shares = network.shares[layer], share = shares[Math.min(dims, shares.length) - 1];
  return [named, `Its first ${dims} components hold `, element("data", { value: share }, `${(100 * share).toFixed(0)} %`),
    " of the variance; each axis has its own scale."];
}

function told(network, image, i, classes, look) {
  const wrong = network.called[i] === image.label ? "" : ", wrongly";
  const chances = classes.map((name, place) => [place ? `, ${name} ` : `${name} `, shown(network.chances[i][place])]);
  return [element("strong", {}, image.id), " is ", classBadge(look, image.label), ", called ",
    classBadge(look, network.called[i]), `${wrong}. Probabilities: `, chances, "."].flat(3);
}

async function render({ model, el }) {
  const look = model.get("look"), classes = model.get("classes"), images = model.get("images"), networks = networksOf(model);
  const picture = await tiles(model.get("thumbnails"), model.get("tiles"));
  const view = { dims: 2, method: "pca", turn: 30 * DEGREE, tilt: 20 * DEGREE };
  const size = { width: 0, height: 0 };
  let network = networks[0], cloud = [], spots = [], at = -1;
  const canvas = element("canvas", { tabindex: 0, role: "application", "aria-roledescription": "scatter plot",
    "aria-label": `${images.length} test pictures as points; arrow keys go from one to the next`,
    style: "display:block;width:100%;touch-action:pan-y;border:1px solid #d0d0d0;border-radius:4px" });
  const context = canvas.getContext("2d");
  const key = place({ class: "note", style: "margin-bottom:0.5rem" });
  const about = place({ "aria-live": "polite", style: "margin-top:0.4rem" });
  const facts = place({ "aria-live": "polite", style: "min-height:3.2em;margin-top:0.4rem" });
  const layers = place({ style: "display:contents" }), angles = place({ class: "controls" });
  const turning = (label, name, reach) => slider(label, { min: -reach, max: reach, step: 1,
    value: Math.round(view[name] / DEGREE), format: (value) => `${value}°` }, (value) => { view[name] = value * DEGREE; draw(); });
  const turn = turning("Turn", "turn", 180), tilt = turning("Tilt", "tilt", 90);

  function draw() {
    spots = cloud.map((point) => seen(point, view, size));
    context.clearRect(0, 0, size.width, size.height);
    if (view.dims === 3) drawBox(context, view, size);
    drawCloud(context, spots, network, images, view, look);
    if (at >= 0) drawThumbnail(context, spots[at], at, picture, look.classes[images[at].label].color, size);
  }
  function point(i) {
    if (i === at) return;
    at = i;
    facts.show(...(at < 0 ? [HINT] : told(network, images[at], at, classes, look)));
    draw();
  }
  function project() {
    const values = view.method === "pca" ? network.pca[view.layer] : network.tsne[view.dims];
    cloud = spread(values, view.method === "pca" ? 3 : view.dims, view.dims);
    about.show(...summary(network, view));
    draw();
  }
  function layerChoice() {
    const named = network.layers.map((name) => [name, name === network.chosen ? `${name} (chosen)` : name]);
    const field = choice("Layer", named, view.layer, (value) => { view.layer = value; project(); });
    for (const option of field.querySelectorAll("option")) option.disabled = view.method === "tsne" && option.value !== network.chosen;
    return field;
  }
  function change(changes) {
    Object.assign(view, changes);
    if (view.method === "tsne") view.layer = network.chosen;
    layers.show(layerChoice());
    angles.show(...(view.dims === 3 ? [turn, tilt] : []));
    key.show(...legend(network, images, classes, look));
    if (at >= 0) facts.show(...told(network, images[at], at, classes, look));
    project();
  }
  function move(field, degrees, reach) {
    const input = field.querySelector("input");
    const value = Number(input.value) + degrees;
    input.value = reach === 180 ? ((value + 540) % 360) - 180 : value;
    input.dispatchEvent(new Event("input"));
  }
  const rotate = (right, down) => { move(turn, right, 180); move(tilt, down, 90); };

  let held = null;
  const here = (event) => [event.offsetX, event.offsetY];
  const listeners = {
    pointerdown: (event) => { held = here(event); canvas.setPointerCapture(event.pointerId); },
    pointermove: (event) => {
      const now = here(event);
      if (!held || view.dims === 2) return point(nearest(spots, ...now));
      rotate(Math.round((now[0] - held[0]) / 2), Math.round((now[1] - held[1]) / 2));
      held = now;
    },
    pointerup: (event) => { held = null; point(nearest(spots, ...here(event))); },
    pointercancel: () => { held = null; },
    focus: () => { if (at < 0 && canvas.matches(":focus-visible")) point(0); },
    keydown: (event) => {
      const step = STEPS[event.key], page = { PageDown: 1, PageUp: -1 }[event.key], count = images.length;
      if (event.key === "Escape") return point(-1);
      if (!step && !page) return;
      event.preventDefault();
      if (step && event.shiftKey && view.dims === 3) rotate(6 * step[0], 6 * step[1]);
      else if (at < 0) point(0);
      else point(step ? neighbor(spots, at, step) : (at + page + count) % count);
    },
  };
  for (const [name, listener] of Object.entries(listeners)) canvas.addEventListener(name, listener);

  const resized = new ResizeObserver(([{ contentRect: { width } }]) => {
    if (!width || width === size.width) return;
    Object.assign(size, { width, height: Math.round(Math.max(300, Math.min(0.7 * width, 460))) });
    const dense = Math.min(window.devicePixelRatio || 1, 2);
    Object.assign(canvas, { width: Math.round(width * dense), height: Math.round(size.height * dense) });
    canvas.style.height = `${size.height}px`;
    context.setTransform(dense, 0, 0, dense, 0, 0);
    draw();
  });
  resized.observe(canvas);

  el.append(
    element("section", { class: "explorer", "data-explorer": "latent-space", "aria-label": "Latent space explorer" },
      element("div", { class: "controls" },
        choice("Network", networks.map((one, i) => [i, look.networks[one.network].name]), 0, (value) => {
          network = networks[value];
          change({ layer: network.chosen });
        }),
        choice("Projection", METHODS, view.method, (method) => change({ method })),
        choice("Dimensions", [[2, "two"], [3, "three"]], view.dims, (value) => change({ dims: Number(value) })),
        layers.box),
      angles.box, key.box, canvas, facts.box, about.box,
      element("p", { class: "note" }, `${model.get("note")} ${HELP}`)),
  );
  facts.show(HINT);
  change({ layer: network.chosen });
  return () => resized.disconnect();
}

const HINT = "Point at a picture, touch it, or come here by the Tab key.";
const HELP = "Arrow keys go to the nearest picture on that side, Page Up and Page Down through all of them. In three " +
  "dimensions the cloud turns by dragging it, by the two sliders, or by Shift and the arrow keys.";

export default { render };
