// The page's side: fetch() and what is seen. What an answer means, and what went wrong with it, the library says.

const byId = (id) => document.getElementById(id);
const encoder = new TextEncoder();
const decoder = new TextDecoder();

// ---- the library ------------------------------------------------------------------------------------------------

let onEvent = () => {};
const imports = {
  page: { on_event: (kind, begin, size) => onEvent(["text", "reasoning", "finish"][kind], read(begin, size)) },
};
const response = await fetch("answer.wasm");
const code = await response.arrayBuffer();
const { instance } = await WebAssembly.instantiate(code, imports);
const library = instance.exports;

// Views are made anew each time: memory that has grown is another one.
const memory = () => new Uint8Array(library.memory.buffer, library.memory_begin(), library.memory_bytes());
const read = (begin, size) => decoder.decode(new Uint8Array(library.memory.buffer, begin, size));

// Puts bytes or texts one after the other; returns the size of each.
function put(...parts) {
  const bytes = parts.map((part) => (typeof part === "string" ? encoder.encode(part) : part));
  let at = 0;
  for (const part of bytes) {
    if (at + part.length > library.memory_bytes()) throw new Error("That is too long.");
    memory().set(part, at);
    at += part.length;
  }
  return bytes.map((part) => part.length);
}
const taken = (size) => decoder.decode(memory().subarray(0, size));
const add = (isUsers, text) => library.add_message(isUsers, put(text)[0]);

// Asks what the conversation has come to. Calls onEvent while the answer comes; returns "" if it is complete, else why
// not, in sentences.
async function ask(base, key, model, signal) {
  const size = library.write_request(put(model)[0]);
  if (size === 0) return "The conversation is too long for this page's memory.";
  const body = memory().slice(0, size);
  const headers = { "Content-Type": "application/json", Accept: "text/event-stream" };
  if (key !== "") headers.Authorization = `Bearer ${key}`;
  let words = "";
  library.begin(0);
  try {
    const answer = await fetch(`${base}/chat/completions`, { method: "POST", headers, body, signal });
    library.begin(answer.status);
    for (const [name, value] of answer.headers) library.add_header(...put(name, value));
    const reader = answer.body.getReader();
    for (let isOpen = true; isOpen;) {
      const { done, value } = await reader.read();
      if (done) break;
      for (let at = 0; isOpen && at < value.length; at += library.memory_bytes())
        isOpen = library.feed(put(value.subarray(at, at + library.memory_bytes()))[0]) !== 0;
      if (!isOpen) reader.cancel();
    }
  } catch (error) {
    if (signal.aborted) return "Stopped.";
    words = String(error.message);
  }
  if (library.end(words !== "")) return "";
  return taken(library.explain(...put(base, words)));
}

// ---- what is seen -------------------------------------------------------------------------------------------------

const talk = byId("talk");
let running = null; // what stops the answer

function show(kind, text) {
  const box = document.createElement("div");
  box.className = kind;
  box.textContent = text;
  talk.append(box);
  talk.scrollTop = talk.scrollHeight;
  return box;
}

function figures(since, first, tokens) {
  const now = performance.now();
  const parts = [`${tokens} tokens`];
  if (first !== null) parts.unshift(`first token after ${Math.round(first - since)} ms`);
  if (tokens > 1) parts.push(`${((tokens - 1) / Math.max((now - first) / 1000, 0.001)).toFixed(1)} tokens/s`);
  byId("figures").textContent = parts.join("   \u00b7   ");
}

async function answer(question) {
  show("user", question);
  add(true, question);
  const box = show("answer open", "");
  const thought = box.appendChild(document.createElement("span"));
  const text = box.appendChild(document.createElement("span"));
  thought.className = "thought";
  running = new AbortController();
  setRunning(true);
  const since = performance.now();
  let first = null, tokens = 0;
  onEvent = (kind, piece) => {
    if (kind === "finish") {
      if (piece === "length") show("error", "The answer may not be longer.");
      return;
    }
    first ??= performance.now();
    ++tokens;
    (kind === "text" ? text : thought).append(piece);
    figures(since, first, tokens);
    talk.scrollTop = talk.scrollHeight;
  };
  let problem;
  try {
    problem = await ask(byId("url").value.replace(/\/+$/, ""), byId("key").value, byId("model").value, running.signal);
  } catch (error) {
    problem = String(error.message);
  }
  box.classList.remove("open");
  if (problem !== "") show("error", problem);
  if (text.textContent !== "") {
    add(false, text.textContent);
  } else {
    library.drop_message(); // the question can be asked again
    if (thought.textContent === "") box.remove();
  }
  setRunning(false);
}

function setRunning(is) {
  byId("send").hidden = is;
  byId("stop").hidden = !is;
  document.body.classList.toggle("talks", is);
  if (!is) running = null;
}

byId("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const question = byId("question").value.trim();
  if (question === "" || running) return;
  byId("question").value = "";
  answer(question);
});
byId("stop").addEventListener("click", () => running?.abort());
byId("question").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byId("ask").requestSubmit();
});

const given = new URLSearchParams(location.search);
for (const name of ["url", "model"]) if (given.has(name)) byId(name).value = given.get(name);
byId("about").textContent = `One C++ header, ${(code.byteLength / 1024).toFixed(0)} KiB of wasm`;
document.body.dataset.ready = "yes";
