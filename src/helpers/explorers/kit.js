// What every explorer uses. It stands before an explorer's own script, in the same module, so nothing is imported:
// a static page has no place to import from.

/** Makes an element: element("p", {class: "note"}, "text", other). Text is always text, never markup. */
const element = (tag, attributes = {}, ...children) => dress(document.createElement(tag), attributes, children);

/** The same for drawings: svg("circle", {r: 3}). */
const svg = (tag, attributes = {}, ...children) =>
  dress(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

function dress(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat());
  return made;
}

/** Numbers sent as bytes come back as a typed array; the copy aligns them. */
const numbers = (view, Kind = Float32Array) =>
  new Kind(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));

/** A number as it is read, with all its digits for whoever computes on: <data value="0.123456">0.123</data>. */
const shown = (value, digits = 3, suffix = "") =>
  Number.isFinite(value)
    ? element("data", { value }, value.toFixed(digits) + suffix)
    : element("data", { value: "" }, "not defined");

let counted = 0;
const freshId = (word) => `${word}-${++counted}-${Math.random().toString(36).slice(2, 8)}`;

/** A select with its label; `options` is [[value, name], ...]. */
function choice(label, options, value, onChange) {
  const id = freshId("choice");
  const select = element(
    "select",
    { id, onchange: () => onChange(select.value) },
    options.map(([key, name]) => element("option", { value: key, selected: key === value }, name)),
  );
  return element("div", { class: "field" }, element("label", { for: id }, label), select);
}

/** A range with its label and its value beside it; `format` turns the value into words. */
function slider(label, { min, max, step, value, format = String }, onChange) {
  const id = freshId("slider");
  const told = element("output", { for: id }, format(value));
  const input = element("input", {
    id, type: "range", min, max, step, value, "aria-valuetext": format(value),
    oninput: () => {
      told.textContent = format(Number(input.value));
      input.setAttribute("aria-valuetext", told.textContent);
      onChange(Number(input.value));
    },
  });
  return element("div", { class: "field" }, element("label", { for: id }, label), input, told);
}

/** Boxes to tick, one a thing; calls back with the list of those ticked. A thing's key is a color or an element. */
function ticks(label, options, chosen, onChange) {
  const boxes = options.map(([value, name, color]) => {
    const box = element("input", { type: "checkbox", value, checked: chosen.includes(value), onchange: () => tell() });
    const key = color instanceof Element ? [color] : color ? [element("span", { class: "key", style: `background:${color}` })] : [];
    return element("label", {}, box, ...key, name);
  });
  const tell = () =>
    onChange(boxes.map((box) => box.querySelector("input")).filter((box) => box.checked).map((box) => box.value));
  return element("fieldset", { class: "field ticks" }, element("legend", {}, label), boxes);
}

/** A table whose cells are words or elements; the first cell of a row names it. */
function table(caption, columns, rows) {
  const head = columns.map((name) => element("th", { scope: "col" }, name));
  const body = rows.map(([name, ...cells]) =>
    element("tr", {}, element("th", { scope: "row" }, name), cells.map((cell) => element("td", {}, cell))),
  );
  return element(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    element("table", {}, element("caption", {}, caption), element("thead", {}, element("tr", {}, head)),
      element("tbody", {}, body)),
  );
}

/** A place whose content is replaced; screen readers are told of it when `live`. */
function place(attributes = {}) {
  const box = element("div", attributes);
  return { box, show: (...children) => box.replaceChildren(...children.flat()) };
}

/** Maps a value from one interval to another. */
const scaled = ([from, to], [start, end]) => (value) => start + ((value - from) / (to - from)) * (end - start);

/** Those of some numbers that are numbers. */
const known = (values) => values.filter((value) => Number.isFinite(value));

/** Two to six round numbers over a range. */
function roundNumbers([low, high]) {
  const rough = (high - low) / 4, ten = 10 ** Math.floor(Math.log10(rough));
  const step = ten * [1, 2, 5, 10].find((factor) => factor * ten >= rough);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => ((first + i) * step).toFixed(digits));
}

/** From the least to the greatest of some values, and a little beyond. */
function range(values) {
  const low = Math.min(...values), high = Math.max(...values), margin = 0.08 * (high - low) || 0.05;
  return [low - margin, high + margin];
}

/** The marks of networks and classes, since color alone tells nobody who cannot see it. */
function mark(shape, x, y, size, attributes = {}) {
  if (shape === "s") return svg("rect", { x: x - size, y: y - size, width: 2 * size, height: 2 * size, ...attributes });
  if (shape === "^") {
    const points = `${x},${y - 1.2 * size} ${x - 1.1 * size},${y + 0.9 * size} ${x + 1.1 * size},${y + 0.9 * size}`;
    return svg("polygon", { points, ...attributes });
  }
  return svg("circle", { cx: x, cy: y, r: size, ...attributes });
}

/** A network's or class's mark as a small picture before its name. */
const badge = ({ color, mark: shape }) =>
  svg("svg", { class: "badge", viewBox: "0 0 14 14", width: 14, height: 14, "aria-hidden": "true" },
    mark(shape, 7, 7, 5, { fill: color }));

/** The pictures of a sprite, cut out as they are drawn: (await tiles(bytes, {side, columns}))(context, i, x, y, size). */
async function tiles(bytes, { side, columns }) {
  const sheet = await createImageBitmap(new Blob([bytes]));
  return (context, i, x, y, size = side) => {
    context.drawImage(sheet, (i % columns) * side, Math.floor(i / columns) * side, side, side, x, y, size, size);
  };
}
