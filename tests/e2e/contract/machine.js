// A machine out of a script: as much of one as the cases of the contract ask of every server.

const VERSION = { major: 10, minor: 0, micro: 0, package: "scripted" };

/** A server with a machine. `options` are those of the server. */
export function scriptedMachine(options) {
  const { package: name, ...qemu } = options.version ?? VERSION;
  let running = true;
  const objects = new Map();
  const run = (to, event) => () => {
    if (running !== to) server.event(event);
    running = to;
  };
  const missing = ({ id }) => new mock.Refusal(`Device '${id}' not found`, "DeviceNotFound");
  const commands = {
    cont: run(true, "RESUME"),
    device_del: missing,
    "object-add": ({ id, ...properties }) => void objects.set(`/objects/${id}`, properties),
    "object-del": ({ id }) => (objects.delete(`/objects/${id}`) ? {} : missing({ id })),
    "qom-get": ({ path, property }) => objects.get(path)?.[property] ?? missing({ id: path }),
    "query-name": () => ({ name: "scripted" }),
    "query-qmp-schema": () => Array.from({ length: 1000 }, (_, i) => ({ name: String(i), "meta-type": "object", members: [{ name: "a-name", type: "str" }] })),
    "query-status": () => ({ status: running ? "running" : "paused", running }),
    "query-version": () => ({ qemu, package: name }),
    "query-yank": () => [],
    stop: run(false, "STOP"),
    "x-async-sleep": ({ ms }) => mock.later(ms, {})(),
  };
  const server = new mock.MockServer({ commands, version: { ...qemu, package: name }, ...options });
  return server;
}
