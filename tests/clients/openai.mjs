// Asks a server as programs with the `openai` package do, and prints what they get as JSON.
//
//     node openai.mjs http://127.0.0.1:8000

import OpenAI from "openai";

const client = new OpenAI({ baseURL: `${process.argv[2]}/v1`, apiKey: "none", maxRetries: 0 });
const asked = (content) => ({ model: "wellcited", messages: [{ role: "user", content }] });
const seen = {};

seen.whole = await client.chat.completions.create({
  ...asked("urgent pain"),
  temperature: 2,
  unheard_of: { x: [1] },
});

seen.chunks = [];
for await (const chunk of await client.chat.completions.create({
  ...asked("urgent pain"),
  stream: true,
  stream_options: { include_usage: true },
})) {
  seen.chunks.push(chunk);
}

seen.helper = await client.chat.completions
  .stream({ ...asked("urgent pain") })
  .finalChatCompletion();

seen.models = [];
for await (const model of client.models.list()) seen.models.push(model.id);

const failure = async (asking) => {
  try {
    await asking;
  } catch (error) {
    const { status, code, param, type, message, requestID } = error;
    const name = error.constructor.name;
    return { name, status, code, param, type, message, requestID };
  }
  return null;
};
seen.bad = await failure(client.chat.completions.create(asked("crushing chest pain" + "x".repeat(2000))));
seen.missing = await failure(client.models.retrieve("nothing"));
seen.limited = await failure(client.chat.completions.create(asked("too many, node, impatient")));
seen.failedStream = await failure(
  (async () => {
    const stream = await client.chat.completions.create({ ...asked("urgent, fails"), stream: true });
    for await (const _ of stream);
  })(),
);

const started = performance.now();
await client.chat.completions.create(asked("too many, node"), { maxRetries: 1 });
seen.waited = (performance.now() - started) / 1000;

// Left early: more often than the server has places.
seen.left = 0;
for (let count = 0; count < 8; count += 1) {
  const stream = await client.chat.completions.create({ ...asked("slowly"), stream: true });
  for await (const _ of stream) break;
  stream.controller.abort();
  seen.left += 1;
}
seen.after = (await client.chat.completions.create(asked("pain"))).choices[0].finish_reason;

console.log(JSON.stringify(seen));
