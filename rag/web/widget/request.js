// A question to the service, answered by a stream or by one JSON body, or else a Failure.

// Milliseconds. A stream says something every 15 s, so a longer silence means that it is dead.
const FIRST = 30000;
const SILENCE = 40000;
// Seconds to wait where a refusal does not say for how long.
const PAUSE = 10;
const KINDS = { 400: "invalid", 413: "long", 422: "invalid", 429: "rate" };

/** What went wrong: `kind` is the name of its text; `problem` is the server's own body. */
class Failure extends Error {
  constructor(kind, problem = {}, wait = 0) {
    super(kind);
    Object.assign(this, { kind, problem, wait });
  }
}

const streams = typeof ReadableStream === "function" && "body" in Response.prototype && "TextDecoder" in window;

/** Ask, and call `on.open`, `on.statement` and `on.done` with what comes. Raises Failure. */
async function ask(endpoint, body, stopping, on) {
  const silence = new AbortController();
  let timer;
  const patience = (time) => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), time);
  };
  stopping.addEventListener("abort", () => silence.abort());
  patience(FIRST);
  try {
    const response = await fetch(`${endpoint}v1/chat`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: streams ? "text/event-stream, application/json" : "application/json" },
      body: JSON.stringify({ ...body, stream: streams }),
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: silence.signal,
    });
    if (!response.ok) throw refusal(response, await json(response));
    if (isStream(response)) await follow(response, on, () => patience(SILENCE));
    else on.done(whole(await json(response)));
  } catch (error) {
    if (stopping.aborted) throw new Failure("stopped");
    if (error instanceof Failure) throw error;
    if (silence.signal.aborted) throw new Failure("timeout");
    throw new Failure(navigator.onLine ? "unreachable" : "offline");
  } finally {
    clearTimeout(timer);
  }
}

/** A step that takes what came; what cannot be shown is a fault of the service, not of the way. */
function shown(step) {
  return (value) => {
    try {
      step(value);
    } catch {
      throw new Failure("failed");
    }
  };
}

function isStream(response) {
  return streams && (response.headers.get("Content-Type") || "").startsWith("text/event-stream");
}

/** Read a stream to its `done`; raises Failure where it ends without one. */
async function follow(response, on, alive) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let ended = false;
  const push = eventReader((name, data) => {
    if (ended) return;
    const value = parsed(data);
    if (name === "error") throw new Failure(kindOf(value.status, value), value, [429, 503].includes(value.status) ? PAUSE : 0);
    ended = name === "done";
    if (ended) on.done(whole(value));
    else on[name]?.(value);
  });
  while (!ended) {
    const { value, done } = await reader.read();
    alive();
    if (done) {
      push(`${decoder.decode()}\n\n`);
      break;
    }
    push(decoder.decode(value, { stream: true }));
  }
  if (!ended) throw new Failure("broken");
  // What follows the end is of no use; a stream that is closed already has nothing to cancel.
  reader.cancel().catch(() => {});
}

function parsed(data) {
  try {
    return JSON.parse(data);
  } catch {
    throw new Failure("broken");
  }
}

async function json(response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** A body that is an answer. Raises Failure for anything else. */
function whole(body) {
  if (!body?.outcome || !Array.isArray(body.statements)) throw new Failure("failed");
  return body;
}

function refusal(response, problem) {
  const wait = [429, 503].includes(response.status) ? seconds(response.headers.get("Retry-After")) : 0;
  return new Failure(kindOf(response.status, problem), problem, wait);
}

function kindOf(status, problem) {
  if (status === 503) return String(problem?.type).endsWith("not-ready") ? "unready" : "busy";
  return KINDS[status] || "failed";
}

/** Seconds of a Retry-After header, which may be a number or a date. */
function seconds(header) {
  const found = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000);
  return found >= 0 ? Math.min(found, 3600) : PAUSE;
}

/** A JSON body by GET, or null for whatever reason there is none. */
async function look(endpoint, path) {
  try {
    const response = await fetch(endpoint + path, { credentials: "omit", referrerPolicy: "no-referrer" });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
