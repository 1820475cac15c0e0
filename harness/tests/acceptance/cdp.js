"use strict";
// Chromium's debugging protocol, spoken by a page of the test to the browser that shows it.
const sleep = ms => new Promise(done => setTimeout(done, ms));
const until = async ask => {
  for (;;) {
    const told = await ask().catch(() => undefined);
    if (told) return told;
    await sleep(50);
  }
};
const connect = async () => {
  const [port, path] = (await until(async () => (await fetch("/debugger")).ok && (await (await fetch("/debugger")).text()))).split("\n");
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
  await new Promise((done, failed) => { socket.onopen = done; socket.onerror = failed; });
  const waiting = new Map();
  let last = 0;
  socket.onmessage = ({ data }) => {
    const told = JSON.parse(data);
    if (told.id) waiting.get(told.id)(told);
  };
  const call = (method, params, sessionId) => new Promise((done, failed) => {
    const id = ++last;
    waiting.set(id, told => told.error ? failed(new Error(JSON.stringify(told.error))) : done(told.result));
    socket.send(JSON.stringify({ id, method, params, sessionId }));
  });
  return { call, port };
};
const open = async (call, url) => {
  const { targetId } = await call("Target.createTarget", { url });
  const { sessionId } = await call("Target.attachToTarget", { targetId, flatten: true });
  const evaluate = async expression => {
    const told = await call("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true }, sessionId);
    if (told.exceptionDetails) throw new Error(JSON.stringify(told.exceptionDetails).slice(0, 800));
    return told.result.value;
  };
  return { targetId, sessionId, evaluate };
};
