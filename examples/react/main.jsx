// A dashboard of one machine, in React.

import "../shared/dashboard.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { token, url } from "../shared/place.js";
import { Dashboard } from "./dashboard.jsx";
import { useMachine } from "./machine.js";

function App() {
  const { vm, error, start } = useMachine(url, token);
  if (vm) return <Dashboard vm={vm} />;
  return (
    <>
      <h1>Machine</h1>
      {error && <section role="alert">{error.message}</section>}
      <section className="row">
        <span>
          Connection <output aria-label="Connection" data-state={error ? "closed" : undefined}>{error ? "closed" : "connecting"}</output>
        </span>
        {error && <button onClick={start}>Connect again</button>}
      </section>
    </>
  );
}

createRoot(document.getElementById("app")).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
