// Server-sent events from text that arrives in any pieces.

/** A function that takes pieces of a stream and calls `on(name, data)` for each whole event. */
function eventReader(on) {
  let rest = "";
  let name = "";
  let data = [];
  const line = (text) => {
    if (!text) {
      if (data.length) on(name || "message", data.join("\n"));
      name = "";
      data = [];
      return;
    }
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(text);
    if (field === "event") name = value;
    if (field === "data") data.push(value);
  };
  return (piece) => {
    rest += piece;
    // A carriage return at the end may be half of a line end: it waits for what follows.
    for (let end; (end = /\r\n|\n|\r(?=[^])/.exec(rest)); ) {
      const text = rest.slice(0, end.index);
      rest = rest.slice(end.index + end[0].length);
      line(text);
    }
  };
}
