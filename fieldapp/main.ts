/** The field app begins: styles, the worker, the first screen. */

import "@betang/design/tokens.css";
import "./screens/app.css";
import { mount } from "svelte";
import App from "./screens/App.svelte";
import "./screens/installing.svelte";
import { registerWorker } from "./screens/update.svelte";

const target = document.getElementById("app");
if (target) mount(App, { target });
registerWorker();
