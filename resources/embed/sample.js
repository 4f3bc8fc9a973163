// The snippet names the address this page came from.
for (const here of document.querySelectorAll("[data-here]")) here.textContent = new URL(".", location.href).href;
