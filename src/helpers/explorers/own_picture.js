// The page for a reader's own picture. It talks with the process that stands behind this page, and with nobody else.

const PATIENCE = 180_000; // milliseconds without an answer
const PAUSE = 250; // milliseconds after which a window that is moved has come to rest
const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;

/** Pictures out of bytes; the last ones are given back to the memory when others take their place. */
function album() {
  let kept = [];
  return {
    clear: () => { kept.forEach(URL.revokeObjectURL); kept = []; },
    add: (view, type) => { kept.push(URL.createObjectURL(new Blob([view], { type }))); return kept.at(-1); },
  };
}

const figure = (url, words, label, ...over) =>
  element("figure", {}, element("div", { class: "frame" }, element("img", { src: url, alt: label }), over), element("figcaption", {}, words));

/** Where a file is chosen or dropped. A drop beside it is caught too: the browser would leave this page for the file. */
function desk(largest, onFile, onForget) {
  const id = freshId("file"), chooser = element("input", { id, type: "file", onchange: () => give(chooser.files) });
  const forget = element("button", { type: "button", disabled: true, onclick: onForget }, "Forget the picture");
  const box = element("div", { class: "desk" },
    element("label", { for: id }, `A mammogram: PGM, PNG, JPEG, TIFF or DICOM, at most ${megabytes(largest)}`),
    element("div", { class: "controls" }, chooser, element("span", {}, "or drop it here"), forget));
  const give = (files) => { if (files.length) onFile(files[0], files.length); chooser.value = ""; };
  const over = (event) => { event.preventDefault(); box.classList.toggle("over", box.contains(event.target)); };
  const drop = (event) => { event.preventDefault(); box.classList.remove("over"); give(event.dataTransfer.files); };
  document.addEventListener("dragover", over);
  document.addEventListener("drop", drop);
  const leave = () => { document.removeEventListener("dragover", over); document.removeEventListener("drop", drop); };
  return { box, forget, leave };
}

/** The window on the breast: a click puts its middle there, three sliders do the same from the keyboard. */
function pointing(url, at, onMove) {
  const square = svg("rect", { class: "window", "vector-effect": "non-scaling-stroke" });
  const halo = svg("rect", { class: "halo", "vector-effect": "non-scaling-stroke" });
  const drawing = svg("svg", { viewBox: `0 0 1 ${at.height}`, "aria-hidden": "true" }, halo, square);
  const draw = () => {
    for (const each of [halo, square])
      for (const [name, value] of Object.entries({ x: at.x - at.share / 2, y: at.y * at.height - at.share / 2, width: at.share, height: at.share }))
        each.setAttribute(name, value);
  };
  const set = (name) => (value) => { at[name] = value; draw(); onMove(at); };
  const percent = (value) => `${Math.round(100 * value)} %`;
  const scale = (label, name, min, max) => slider(label, { min, max, step: 0.01, value: at[name], format: percent }, set(name));
  const sliders = place({ class: "controls" });
  const show = () => sliders.show(scale("Middle, from left", "x", 0, 1), scale("Middle, from top", "y", 0, 1), scale("Side, of the breast's width", "share", 0.2, 1));
  const picture = figure(url, "click where the networks shall look", "The breast, chest wall at the left, all else black", drawing);
  picture.querySelector(".frame").addEventListener("click", (event) => {
    const box = drawing.getBoundingClientRect();
    Object.assign(at, { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height });
    draw(); show(); onMove(at);
  });
  draw(); show();
  return element("div", { class: "side" }, picture, element("div", { class: "beside" }, sliders.box,
    element("p", { class: "note" }, "These networks never saw a whole breast, only windows of about half its width; they judge what lies in the window, and nothing else. Until you point at a place, it stands in the middle of the breast.")));
}

function probabilityTable({ networks, together }, labels, look) {
  const heads = networks.map(({ network }) => element("span", {}, badge(look.networks[network]), look.networks[network].name));
  const rows = labels.map((label, i) => [label, ...networks.map(({ probabilities }) => shown(probabilities[i]))]);
  const farther = networks.map(({ nearer }) => shown(100 * nearer, 0, " %"));
  return table(
    `Probabilities, and the share of ${together.held_out} pictures of other patients that lie nearer to what the network was trained on.`,
    ["", ...heads], [...rows, ["farther out than", ...farther]]);
}

/** The maps of all networks for one class; the class is chosen beside them. */
function attention({ networks }, urls, labels, look, chosen, onChoose) {
  const row = place({ class: "row" });
  const show = (label) => {
    const at = labels.indexOf(label);
    row.show(networks.map(({ network, evidence }, i) => {
      const { name } = look.networks[network], words = evidence[at] ? name : `${name}: nothing speaks for ${label}`;
      return figure(urls[1 + i * labels.length + at], words, `Where ${name} sees evidence for ${label}`);
    }));
    onChoose(label);
  };
  show(chosen);
  return [element("div", { class: "controls" }, choice("Evidence for", labels.map((label) => [label, label]), chosen, show)), row.box];
}

function warning({ together, doubts }) {
  if (!together.outside) return doubts.map((words) => element("p", { class: "doubt" }, words));
  return element("div", { class: "outside" },
    element("strong", {}, "This picture lies outside what the networks were trained on."),
    ` It is farther from their training pictures than ${Math.floor(100 * together.nearer)} % of ${together.held_out} pictures of other patients. The probabilities below then mean nothing.`,
    doubts.map((words) => element("p", {}, words)));
}

function render({ model, el }) {
  const look = model.get("look"), { largest, piece, labels } = model.get("about");
  const status = place({ role: "status", class: "note" }), problem = place({ role: "alert" }), caution = place({ role: "alert" });
  const steps = place(), pointer = place(), results = place(), maps = place();
  const steady = album(), changing = album();
  let turn = 0, file = null, timer, rest, busy = false, waiting = null, label = "malignant";

  const send = (kind, content = {}, buffers = []) => {
    clearTimeout(timer);
    timer = setTimeout(() => refuse("No answer for three minutes. Reload this page and try again."), PATIENCE);
    model.send({ kind, turn, ...content }, undefined, buffers);
  };
  const clear = () => {
    for (const each of [problem, caution, steps, pointer, results, maps]) each.show();
    steady.clear(); changing.clear();
    desktop.forget.disabled = true;
  };
  const refuse = (words) => { clearTimeout(timer); clear(); file = null; busy = false; waiting = null; status.show(); problem.show(element("p", { class: "problem" }, words)); };
  const begin = (given, count) => {
    clear();
    turn += 1; waiting = null; busy = true;
    if (count > 1) return refuse(`Expected one file, found ${count}.`);
    if (given.size > largest) return refuse(`${given.name}: expected a file of at most ${megabytes(largest)}, found ${megabytes(given.size)}`);
    file = given;
    status.show(`Reading ${given.name} ...`);
    send("begin", { name: given.name, size: given.size });
  };
  const forget = () => { turn += 1; send("forget"); clearTimeout(timer); clear(); file = null; busy = false; status.show("The picture is forgotten."); };
  const desktop = desk(largest, begin, forget);

  const next = async ({ received }) => {
    const now = turn;
    try {
      const part = await file.slice(received, received + piece).arrayBuffer();
      if (now === turn) send("piece", {}, [part]);
    } catch (error) { if (now === turn) refuse(`${file.name}: the browser could not read it (${error.name})`); }
  };

  // A window that moves asks again only when it rests, and never before the last answer is there.
  const move = (at) => {
    clearTimeout(rest);
    rest = setTimeout(() => { if (busy) waiting = { ...at }; else ask(at); }, PAUSE);
  };
  const ask = ({ x, y, share }) => { busy = true; waiting = null; status.show("The networks look ..."); send("window", { x, y, share }); };

  const seen = element("span");
  const opened = ({ name, notes, place: at }, buffers) => {
    const urls = buffers.map((view) => steady.add(view, "image/webp"));
    const words = ["as given", "the breast found in it", "chest wall at the left, all else black"];
    desktop.forget.disabled = false;
    status.show(`${name}: read. The networks look ...`);
    steps.show(element("h2", {}, "What became of it"),
      element("div", { class: "row" }, (at ? urls.slice(0, 2) : urls).map((url, i) => figure(url, words[i], `Your picture, ${words[i]}`)), seen),
      notes.map((note) => element("p", { class: "note" }, note)));
    if (at) pointer.show(element("h2", {}, "Where they look"), pointing(urls[2], at, move));
  };
  const judged = (answer, buffers) => {
    changing.clear();
    const urls = buffers.map((view) => changing.add(view, "image/png"));
    busy = false;
    clearTimeout(timer);
    status.show("Done.");
    caution.show(warning(answer));
    seen.replaceChildren(figure(urls[0], "what the networks see", "Your picture as the networks see it"));
    results.show(element("h2", {}, "What they say"), probabilityTable(answer, labels, look));
    maps.show(element("h2", {}, "Why: Grad-CAM"), attention(answer, urls, labels, look, label, (chosen) => { label = chosen; }));
    if (waiting) ask(waiting);
  };

  const hear = { next, opened, judged, refused: ({ words }) => refuse(words) };
  const heard = (message, buffers) => { if (message.turn === turn) hear[message.kind](message, buffers); };
  model.on("msg:custom", heard);
  model.send({ kind: "hello" });
  el.append(
    element("section", { class: "explorer own", "data-explorer": "own_picture", "aria-label": "Your own picture" },
      desktop.box,
      element("p", { class: "note" }, "The picture goes to the program behind this page, on this machine, and into its memory. It is not written to disk, named in no log, and gone when you leave."),
      status.box, problem.box, caution.box, pointer.box, results.box, maps.box, steps.box),
  );
  return () => { clearTimeout(timer); clearTimeout(rest); model.off("msg:custom", heard); desktop.leave(); steady.clear(); changing.clear(); };
}

export default { render };
