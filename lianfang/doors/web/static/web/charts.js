// Every chart of the house: one theme, axes from zero, direct labels, weekends marked, gaps where there is no data.
(() => {
  "use strict";
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const drawn = new Map();

  function option(data) {
    const ink = token("--ink"), muted = token("--muted"), line = token("--line"), action = token("--action");
    const few = data.numbers.length <= 16;
    return {
      animation: !still,
      aria: { enabled: true },
      textStyle: { fontFamily: token("--type") },
      grid: { left: 8, right: 12, top: 28, bottom: 4, containLabel: true },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, backgroundColor: token("--card"), borderColor: line, textStyle: { color: ink }, valueFormatter: (value, place) => (value == null ? "–" : `${data.shown[place] ?? value} ${data.unit}`) },
      xAxis: { type: "category", data: data.labels, axisTick: { show: false }, axisLine: { lineStyle: { color: line } }, axisLabel: { color: muted, hideOverlap: true, formatter: (label, place) => (data.weekend[place] ? `{w|${label}}` : label), rich: { w: { color: token("--attention-text"), fontWeight: 600 } } } },
      yAxis: { type: "value", minInterval: data.whole ? 1 : 0, axisLabel: { color: muted, formatter: (value) => String(value) }, splitLine: { lineStyle: { color: line } } },
      series: [{ type: "bar", data: data.numbers.map((value, place) => (place === data.partial ? { value, itemStyle: { opacity: 0.55 } } : value)), barMaxWidth: 34, itemStyle: { color: action, borderRadius: [3, 3, 0, 0] }, label: { show: few, position: "top", color: ink, fontSize: 12, formatter: (point) => (point.value == null ? "" : data.shown[point.dataIndex]) } }],
    };
  }

  function draw() {
    for (const [node, chart] of drawn) if (!node.isConnected) { chart.dispose(); drawn.delete(node); }
    for (const node of document.querySelectorAll("[data-chart]")) {
      const told = document.getElementById(node.dataset.chart);
      if (!told) continue;
      const chart = drawn.get(node) || window.echarts.init(node, null, { renderer: "svg" });
      drawn.set(node, chart);
      chart.setOption(option(JSON.parse(told.textContent)), true);
    }
  }

  draw();
  document.addEventListener("htmx:after:swap", draw);
  const resize = () => { for (const chart of drawn.values()) chart.resize(); };
  addEventListener("resize", resize);
  addEventListener("beforeprint", resize);
  addEventListener("afterprint", resize);
})();
