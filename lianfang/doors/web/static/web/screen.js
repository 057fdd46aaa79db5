// The wall: the canvas scaled as a whole, the clock, the alarms' sound, the tour.
(() => {
  "use strict";
  const canvas = document.getElementById("canvas");
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

  // A wall of 32:9 gets its own layout; the server draws what is in it.
  const wanted = innerWidth / innerHeight > 2.6;
  const address = new URL(location.href);
  if (wanted !== address.searchParams.has("wide") && !address.searchParams.has("layout")) {
    if (wanted) address.searchParams.set("wide", "1"); else address.searchParams.delete("wide");
    location.replace(address);
  }

  function fit() {
    const width = canvas.classList.contains("wide") ? 3840 : 1920;
    const scale = Math.min(innerWidth / width, innerHeight / 1080);
    canvas.style.transform = `scale(${scale}) translate(-50%, -50%)`;
  }
  addEventListener("resize", fit);
  fit();

  // The clock runs from the instant the server gave, which in a demonstration is not today's.
  const clock = document.querySelector("[data-clock]");
  const face = clock.querySelector("strong");
  let base = Date.parse(clock.dataset.clock);
  let since = performance.now();
  setInterval(() => {
    const shown = new Date(base + performance.now() - since + 8 * 3600000);
    face.textContent = shown.toISOString().slice(11, 19);
  }, 500);
  window.live?.listen((event) => {
    if (event.type === "beat" && event.at) { base = Date.parse(event.at); since = performance.now(); }
  });

  // Sound only after a press: a browser allows it no earlier, and a meeting may not want it.
  const sound = document.querySelector("[data-sound]");
  let audio = null;
  const alarms = () => Number(document.querySelector("[data-alarms]")?.dataset.alarms || 0);
  function ring() {
    if (!audio || audio.state !== "running") return;
    for (const [start, pitch] of [[0, 880], [0.28, 660], [0.56, 880]]) {
      const tone = audio.createOscillator(), volume = audio.createGain(), at = audio.currentTime + start;
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.0001, at);
      volume.gain.exponentialRampToValueAtTime(0.25, at + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.24);
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.25);
    }
  }
  const use = (button, name) => { const shape = button.querySelector("use"); shape.setAttribute("href", shape.getAttribute("href").replace(/#.*/, `#${name}`)); };
  sound.addEventListener("click", async () => {
    const on = sound.getAttribute("aria-pressed") !== "true";
    sound.setAttribute("aria-pressed", String(on));
    use(sound, on ? "sound" : "mute");
    if (on) { audio ??= new AudioContext(); await audio.resume(); if (alarms()) ring(); } else if (audio) await audio.suspend();
  });
  let known = alarms();
  document.addEventListener("htmx:after:swap", () => {
    if (alarms() > known) ring();
    known = alarms();
    spot();
  });
  setInterval(() => { if (alarms()) ring(); }, 30000);

  // The tour: the map takes the next figure, and each post in turn is pointed at.
  const tour = document.querySelector("[data-tour]");
  let touring = null;
  let step = 0;
  function spot() {
    for (const mark of document.querySelectorAll(".mark.spot")) mark.classList.remove("spot");
    if (!touring) return;
    const marks = document.querySelectorAll(".mark");
    if (marks.length) marks[step % marks.length].classList.add("spot");
  }
  tour.addEventListener("click", () => {
    const on = tour.getAttribute("aria-pressed") !== "true";
    tour.setAttribute("aria-pressed", String(on));
    use(tour, on ? "pause" : "play");
    clearInterval(touring);
    touring = on ? setInterval(() => {
      step += 1;
      if (step % 4 === 0) {
        const chips = [...document.querySelectorAll("[data-chip]")];
        const at = chips.findIndex((chip) => chip.hasAttribute("aria-current"));
        chips[(at + 1) % chips.length]?.click();
      } else spot();
    }, still ? 8000 : 4000) : null;
    spot();
  });

  // The part that is fetched anew keeps the figure that was last chosen.
  document.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-chip]");
    if (chip) document.getElementById("screen").setAttribute("hx-get", chip.getAttribute("hx-get"));
    if (event.target.closest("[data-full]")) (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());
    if (event.target.closest("[data-print]")) print();
  });
})();
