// Draws the figures' plots, in the colours of the page, and again when these or its width change.
(() => {
  "use strict";
  const plots = JSON.parse(document.getElementById("plots").textContent);
  const COLOURS = ["--plot-1", "--plot-2", "--plot-3", "--plot-4"];
  const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
  const HEIGHT = 220;

  // A canvas knows no custom property: an element resolves it.
  const probe = document.createElement("i");
  probe.hidden = true;
  document.body.append(probe);
  const colour = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };

  const drawn = [];
  const draw = () => {
    drawn.splice(0).forEach((each) => each.destroy());
    const ink = colour("--dim");
    const grid = { stroke: colour("--line"), width: 1 };
    plots.forEach((plot) => {
      const place = document.querySelector(`[data-plot="${plot.id}"]`);
      // A day at its noon, so that its number is right in every zone near Japan's.
      const days = plot.days.map((day) => Date.parse(`${day}T03:00:00Z`) / 1000);
      const series = plot.series.map((each, at) => ({
        label: each.name,
        stroke: colour(COLOURS[at]),
        dash: DASHES[at],
        width: 2,
        points: { show: days.length < 40, size: 5 },
        value: (_, value) => (value == null ? "–" : `${value}${plot.unit}`),
      }));
      const axis = { stroke: ink, grid, ticks: grid, font: "12px system-ui, sans-serif" };
      const options = {
        width: place.clientWidth,
        height: HEIGHT,
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Asia/Tokyo"),
        scales: { y: { range: (_, least, most) => [0, Math.max(most || 0, 1) * 1.08] } },
        axes: [
          { ...axis, values: (_, ticks) => ticks.map((at) => new Date(at * 1000).toISOString().slice(5, 10)), incrs: [86400, 2 * 86400, 7 * 86400, 14 * 86400, 30 * 86400] },
          { ...axis, size: 54, incrs: plot.unit ? undefined : [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000] },
        ],
        series: [{ value: (_, at) => (at == null ? "–" : new Date(at * 1000).toISOString().slice(0, 10)), label: plot.day }, ...series],
      };
      drawn.push(new uPlot(options, [days, ...plot.series.map((each) => each.values)], place));
    });
  };
  draw();
  let waiting = null;
  const again = () => {
    clearTimeout(waiting);
    waiting = setTimeout(draw, 150);
  };
  window.addEventListener("resize", again);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
})();
