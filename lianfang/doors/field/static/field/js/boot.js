// If a file of the app does not arrive, the page must not stand there silently.
setTimeout(() => {
  const screen = document.getElementById("screen");
  if (document.documentElement.dataset.screen) return;
  const words = screen.dataset.stuck;
  const button = document.createElement("button");
  button.className = "button primary";
  button.textContent = screen.dataset.again;
  button.addEventListener("click", () => location.reload());
  const text = document.createElement("p");
  text.className = "card bad";
  text.textContent = words;
  screen.firstElementChild.replaceChildren(text, button);
}, 12000);
