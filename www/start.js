// Starts the program of the page, or says why it does not run. The page has shown itself before this does anything.

function crashed(text) {
  document.getElementById("waiting").hidden = true;
  document.getElementById("crash-text").textContent = text;
  document.getElementById("crash").hidden = false;
}

// Errors of browser extensions come here too; those of the program are traps.
addEventListener("error", ({ error }) => {
  if (error instanceof WebAssembly.RuntimeError) crashed(`It met an error of its own: ${error.message}.`);
});

try {
  const { default: start } = await import("./console.js");
  await start();
} catch (error) {
  // The program would have taken the token out of the address, where it is seen.
  history.replaceState(null, "", location.pathname);
  crashed(`Its program cannot be loaded: ${error.message}. It needs a browser with WebAssembly.`);
}
