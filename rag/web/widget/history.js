// What is sent along of the conversation so far.

// Bytes kept free for the rest of a request's body.
const REST = 1024;

const bytes = (value) => new TextEncoder().encode(JSON.stringify(value)).length;

/** The turns that fit into the server's limits. Answers go first: the safety gate reads questions. */
function earlier(turns, message, limits) {
  const said = turns.flatMap((turn) => [
    { role: "user", content: turn.message },
    ...(turn.said() ? [{ role: "assistant", content: turn.said() }] : []),
  ]);
  const room = limits.body - bytes(message) - REST;
  while (said.length && (said.length > limits.history || bytes(said) > room)) {
    const oldest = said.findIndex((turn) => turn.role === "assistant");
    said.splice(Math.max(oldest, 0), 1);
  }
  return said;
}
