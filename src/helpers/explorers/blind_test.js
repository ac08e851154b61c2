// The blind test: pictures one by one, then her calls beside each network's on the same pictures.

const SURE = ["a guess", "probable", "certain"];
const CALL_KEYS = { 1: 0, 2: 1, 3: 2 };
const HELP = [
  ["1, 2, 3", "normal, benign, malignant"], ["← →", "less or more sure"], ["Enter", "next picture"],
  ["↑ ↓", "brightness"], [", .", "contrast"], ["+ −", "zoom"], ["Shift and arrows", "move a zoomed picture"],
  ["0", "brightness, contrast and zoom as stored"],
];

/** What Python sent, its bytes cut into pictures and its probabilities into calls. */
function testOf(model) {
  const test = Object.fromEntries(["look", "about", "cases"].map((name) => [name, model.get(name)]));
  const n = test.cases.length, all = numbers(model.get("probabilities")), bytes = numbers(model.get("pictures"), Uint8Array);
  const probability = (k, i) => [...all.subarray(SIZE * (k * n + i), SIZE * (k * n + i + 1))];
  let start = 0;
  const files = model.get("lengths").map((length) => new Blob([bytes.slice(start, (start += length))], { type: "image/webp" }));
  const made = [];
  return Object.assign(test, {
    weights: numbers(model.get("weights"), Uint8Array),
    networks: model.get("networks").map((network, k) => {
      const probabilities = test.cases.map((_, i) => probability(k, i));
      return { ...network, probabilities, called: probabilities.map((row) => row.indexOf(Math.max(...row))) };
    }),
    picture: (i) => (made[i] ??= element("img", { src: URL.createObjectURL(files[i]), alt: `Picture ${i + 1} of ${n}`, draggable: "false" })),
    close: () => made.forEach((image) => URL.revokeObjectURL(image.src)),
  });
}

/** Her answers; they stay in this browser where it allows that, and else as long as the page. */
function shelfOf({ about, cases }) {
  const empty = () => ({ answers: cases.map(() => null), finished: false });
  const fits = ({ answers }) => answers.length === cases.length && answers.every((answer) => answer === null
    || (answer.call in CLASS_NAMES && answer.sure in SURE && Number.isFinite(answer.seconds)));
  const shelf = {
    ...empty(), kept: true,
    count: () => shelf.answers.filter(Boolean).length,
    save: () => tried(() => localStorage.setItem(about.key, JSON.stringify({ answers: shelf.answers, finished: shelf.finished }))),
    forget: () => { Object.assign(shelf, empty()); tried(() => localStorage.removeItem(about.key)); },
  };
  // Some browsers refuse a page opened from a file, or any page, to keep a thing.
  const tried = (action) => { try { action(); } catch { shelf.kept = false; } };
  let text = null;
  tried(() => { text = localStorage.getItem(about.key); });
  try { const found = JSON.parse(text); if (found && fits(found)) Object.assign(shelf, found); } catch { /* not ours */ }
  return shelf;
}

/** Seconds that a picture was before her; a hidden page does not count. */
function stopwatch() {
  let total = 0, since = null;
  const hold = () => { if (since !== null) total += performance.now() - since; since = null; };
  const tick = () => { hold(); if (!document.hidden) since = performance.now(); };
  document.addEventListener("visibilitychange", tick);
  return {
    start: (seconds) => { since = null; total = 1000 * seconds; tick(); },
    read: () => { tick(); return Math.round(total) / 1000; },
    close: () => document.removeEventListener("visibilitychange", tick),
  };
}

/** A button that asks once more before it acts; Escape, or the second button, takes it back. */
function confirmed(name, question, yes, action) {
  const box = element("span", { class: "confirmed", onkeydown: (event) => { if (event.key === "Escape") back(); } });
  const first = element("button", { type: "button", onclick: () => ask() }, name);
  const back = () => { box.replaceChildren(first); first.focus(); };
  const no = element("button", { type: "button", onclick: back }, "No");
  const ask = () => {
    box.replaceChildren(element("span", { role: "alert" }, question),
      element("button", { type: "button", onclick: action }, yes), no);
    no.focus();
  };
  box.append(first);
  return Object.assign(box, { allow: (allowed) => { first.disabled = !allowed; } });
}

/** Download and delete, and where the answers are. */
function keeping(test, shelf, go) {
  const where = shelf.kept
    ? "Your answers stay in this browser, on this machine, until you delete them. Nothing is sent anywhere."
    : "This browser keeps nothing for this page: your answers last until you close it. Download them before.";
  return element("div", { class: "keeping" },
    element("p", { class: "note" }, where),
    element("button", { type: "button", onclick: () => download(`blind-test-${test.about.profile}.csv`, csv(test, shelf)) }, "Download my answers"),
    confirmed("Delete my answers", `Delete ${shelf.count()} answers for good?`, "Yes, delete", () => { shelf.forget(); go("start"); }));
}

/** One row a picture that was called; what it was stands there only once the reading is over. */
function csv(test, shelf) {
  const over = shelf.finished, head = ["picture", "call", "confidence", "seconds"];
  if (over) head.push("image_id", "truth", ...test.networks.map(({ network, protocol }) => `${network} ${protocol}`));
  const rows = shelf.answers.flatMap((answer, i) => {
    if (!answer) return [];
    const own = [i + 1, CLASS_NAMES[answer.call], SURE[answer.sure], answer.seconds], { image_id, label } = test.cases[i];
    return [over ? [...own, image_id, CLASS_NAMES[label], ...test.networks.map(({ called }) => CLASS_NAMES[called[i]])] : own];
  });
  const quoted = (cell) => (/[",\r\n]/.test(cell) ? `"${String(cell).replaceAll('"', '""')}"` : cell);
  return [head, ...rows].map((row) => row.map(quoted).join(",") + "\r\n").join("");
}

function download(name, text) {
  const link = element("a", { href: URL.createObjectURL(new Blob([text], { type: "text/csv" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function startScreen(test, shelf, go) {
  const n = test.cases.length, count = shelf.count(), next = Math.min(count + 1, n);
  const begin = element("button", { type: "button", class: "strong", onclick: () => go("reading") },
    count ? `Go on with picture ${next} of ${n}` : `Begin with picture 1 of ${n}`);
  const content = element("div", {},
    element("h3", { tabindex: -1 }, `${n} pictures to read`),
    element("p", {}, "They come one at a time, in an order that says nothing. Call each normal, benign or malignant, and say how "
      + "sure you are. What the pictures are, and what the networks called them, you see at the end, or when you stop."),
    element("p", { class: "warning" }, test.about.warning),
    element("p", { class: "note" }, test.about.stored),
    element("p", {}, begin), count ? keeping(test, shelf, go) : []);
  return { content, focus: content.querySelector("h3") };
}

function readingScreen(test, shelf, go) {
  const { answers } = shelf, n = answers.length, eye = viewer(test.about.size), clock = stopwatch();
  const spent = answers.map((answer) => answer?.seconds ?? 0);
  let at = answers.includes(null) ? answers.indexOf(null) : n - 1, call = null;

  const calls = CLASS_NAMES.map((name, i) => element("button", { type: "button", "aria-keyshortcuts": i + 1, onclick: () => choose(i) },
    badge(test.look.classes[name]), name, element("kbd", {}, i + 1)));
  let sure = 1;
  const confidence = slider("How sure are you?", { min: 0, max: 2, step: 1, value: 1, format: (v) => SURE[v] }, (v) => { sure = v; });
  const move = (value) => {
    const input = confidence.querySelector("input");
    input.value = value;
    input.dispatchEvent(new Event("input"));
  };
  const forth = element("button", { type: "button", class: "strong", onclick: () => next() }, "Next", element("kbd", {}, "Enter"));
  const back = element("button", { type: "button", onclick: () => show(at - 1) }, "Previous");
  const stop = confirmed("Stop and see the results", "You cannot read on after that. Stop?", "Yes, stop", () => finish());
  const told = place({ class: "told", "aria-live": "polite" });
  const sofar = place();

  const choose = (i) => {
    call = i;
    calls.forEach((button, k) => button.setAttribute("aria-pressed", k === i));
    forth.disabled = i === null;
  };
  const show = (i) => {
    if (spent[at] !== undefined && i !== at) spent[at] = clock.read();
    at = i;
    choose(answers[at]?.call ?? null);
    move(answers[at]?.sure ?? 1);
    back.disabled = at === 0;
    stop.allow(shelf.count() >= test.about.minimum);
    told.show(element("strong", {}, `Picture ${at + 1} of ${n}`));
    eye.show(test.picture(at), null);
    if (at + 1 < n) test.picture(at + 1);
    eye.box.focus({ preventScroll: true });
    clock.start(spent[at]);
  };
  const next = () => {
    if (call === null) return;
    answers[at] = { call, sure, seconds: clock.read() };
    shelf.save();
    sofar.show(keeping(test, shelf, go));
    if (shelf.count() === n && at === n - 1) finish();
    else show(at + 1);
  };
  const finish = () => { shelf.finished = true; shelf.save(); go("results"); };
  const press = (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || (target.type === "range" && key.startsWith("Arrow"))) return;
    if (key in CALL_KEYS) choose(CALL_KEYS[key]);
    else if (key === "Enter" && (target.tagName !== "BUTTON" || target.getAttribute("aria-pressed") === "true")) next();
    else if (!event.shiftKey && (key === "ArrowLeft" || key === "ArrowRight")) move(sure + (key === "ArrowLeft" ? -1 : 1));
    else if (!eye.press(event)) return;
    // The book's own keys, such as arrows that turn pages, are not meant here.
    event.preventDefault();
    event.stopPropagation();
  };
  sofar.show(shelf.count() ? keeping(test, shelf, go) : []);
  const content = element("div", { onkeydown: press },
    element("div", { class: "side" }, element("div", { class: "picture" }, eye.box),
      element("div", { class: "panel" }, told.box, element("div", { class: "calls", role: "group", "aria-label": "Your call" }, calls),
        confidence, element("div", { class: "ways" }, back, forth), keys())),
    eye.controls, element("div", { class: "ways" }, stop,
      element("span", { class: "note" }, `possible after ${test.about.minimum} pictures`)), sofar.box);
  return { content, focus: eye.box, shown: () => show(at), close: clock.close };
}

const keys = () => element("details", {}, element("summary", {}, "Keys"),
  element("dl", { class: "keys" }, HELP.flatMap(([key, what]) => [element("dt", {}, element("kbd", {}, key)), element("dd", {}, what)])));

function render({ model, el }) {
  const test = testOf(model), shelf = shelfOf(test), screen = place();
  const screens = { start: startScreen, reading: readingScreen, results: resultsScreen };
  let open = {};
  const go = (name, byReader = true) => {
    open.close?.();
    open = screens[name](test, shelf, go);
    screen.show(open.content);
    if (byReader) open.focus.focus();
    open.shown?.();
  };
  // The attribute keeps JupyterLab's own keys, where 1 makes a heading, away from the reading.
  el.append(element("section", { class: "explorer blind-test", "data-explorer": "blind-test", "aria-label": "Blind test",
    "data-lm-suppress-shortcuts": "true" }, screen.box));
  go(shelf.finished ? "results" : "start", false);
  return () => { open.close?.(); test.close(); };
}

export default { render };
