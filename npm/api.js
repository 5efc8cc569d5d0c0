// What every entry has, but for what has to be loaded.

export {
  AbortError,
  CommandError,
  ConnectionLostError,
  Job,
  JobError,
  QmpError,
  TimeoutError,
  Trace,
} from "./qmp_web.js";
