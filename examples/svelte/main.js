// A dashboard of one machine, in Svelte.

import "../shared/dashboard.css";
import { mount } from "svelte";
import App from "./App.svelte";

mount(App, { target: document.getElementById("app") });
