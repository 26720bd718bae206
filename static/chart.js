// Draws the figures of a page. Each figure.chart carries its ECharts option as
// JSON in a data block; no code is ever in it. Renderers and formatters are names
// that are looked up in the two tables below, colours are names of the
// stylesheet's own properties, so that dark mode and paper need no second option.
(function () {
  "use strict";

  var NARROW = 640; // pixels below which a figure takes its narrow form
  var MIDDLE = 900; // pixels below which labels on the left get less room
  var TIGHT = 340; // pixels below which a web leaves more room for its names
  var PAPER = 700; // pixels a figure gets on paper
  var WEB = 360; // pixels a web is high there
  var BAR = 26; // pixels a bar is high at most
  var DROP = 14; // pixels that marks move down where the label stands above them

  var colourKeys = { color: 1, borderColor: 1, backgroundColor: 1, textBorderColor: 1, areaColor: 1 };

  var formatters = {
    name: function (v) { return typeof v === "object" ? String(v.name) : String(v); },
    plain: function (v) { return String(v); },
    percent: function (v) { return v + "%"; },
    distance: function (v) { return Math.abs(v) + "%"; },
    wrapped: function (v) { return wrap(String(v), 26); },
    folded: function (v) { return wrap(String(v), 13); },
  };

  // wrap breaks between words, and inside a word that is longer than a line.
  function wrap(text, width) {
    return text.split("\n").map(function (paragraph) {
      var lines = [""];
      paragraph.split(" ").forEach(function (word) {
        var last = lines.length - 1;
        if (lines[last] && lines[last].length + word.length >= width) lines.push("");
        else if (lines[last]) lines[last] += " ";
        last = lines.length - 1;
        lines[last] += word;
        while (lines[last].length > width) {
          lines.push(lines[last].slice(width));
          lines[last] = lines[last].slice(0, width);
          last++;
        }
      });
      return lines.join("\n");
    }).join("\n");
  }

  // The renderers get the series as it was sent, the theme and whether the page
  // is narrow; what they return is drawn at the place that the axes give.
  var renderers = {
    estimate: {
      encode: { x: 0, y: 1 },
      make: function (series, look) {
        return function (params, api) {
          var at = api.coord([api.value(0), api.value(1)]);
          var low = api.coord([api.value(2), api.value(1)])[0];
          var high = api.coord([api.value(3), api.value(1)])[0];
          var y = at[1] + look.drop + (api.value(4) || 0);
          var parts = [];
          if (high - low > 1) parts.push(line(low, y, high, y, series.itemStyle.color, 1.5, 0.75));
          parts.push(mark(series, at[0], y, look));
          var text = series.data[params.dataIndex].name;
          if (text) parts.push(number(text, api.value(5), low, high, at[0], y, params.coordSys, series.symbolSize || 0, look));
          return { type: "group", silent: true, children: parts.filter(Boolean) };
        };
      },
    },
    link: {
      encode: { x: [0, 1], y: 2 },
      make: function (series, look) {
        return function (params, api) {
          var a = api.coord([api.value(0), api.value(2)]);
          var b = api.coord([api.value(1), api.value(2)]);
          return line(a[0], a[1] + look.drop, b[0], b[1] + look.drop, series.itemStyle.color, 4, 1);
        };
      },
    },
    segment: {
      encode: { x: [0, 1], y: 2 },
      make: function (series, look) {
        var on = readable(series.itemStyle.color, look);
        return function (params, api) {
          var a = api.coord([api.value(0), api.value(2)]);
          var b = api.coord([api.value(1), api.value(2)]);
          var height = Math.min(BAR, api.size([0, 1])[1] * 0.62);
          var y = a[1] + look.drop;
          var parts = [{
            type: "rect", silent: true,
            shape: { x: a[0], y: y - height / 2, width: Math.max(0, b[0] - a[0] - 1), height: height },
            style: { fill: series.itemStyle.color },
          }];
          var text = series.data[params.dataIndex].name;
          if (text && b[0] - a[0] > 7 * text.length + 4) parts.push(words(text, (a[0] + b[0]) / 2, y, "center", on, 12, look));
          return { type: "group", silent: true, children: parts };
        };
      },
    },
    rule: {
      encode: { x: 0 },
      make: function (series, look) {
        return function (params, api) {
          var box = params.coordSys;
          var x = api.coord([api.value(0), 0])[0];
          var rule = line(x, box.y - 34, x, box.y + box.height, series.itemStyle.color, 1.5, 1);
          rule.style.lineDash = [5, 4];
          var text = series.data[params.dataIndex].name;
          var left = x > box.x + box.width * 0.6;
          return { type: "group", silent: true, children: [rule, words(text, x + (left ? -6 : 6), box.y - 42, left ? "right" : "left", look.colours.ink, 13, look)] };
        };
      },
    },
    level: {
      encode: { y: 0 },
      make: function (series, look) {
        return function (params, api) {
          var box = params.coordSys;
          var y = api.coord([0, api.value(0)])[1];
          var level = line(box.x, y, box.x + box.width, y, series.itemStyle.color, 1.5, 1);
          level.style.lineDash = [5, 4];
          var text = words(series.data[params.dataIndex].name, box.x + box.width, y - 9, "right", look.colours.ink, 13, look);
          return { type: "group", silent: true, children: [level, text] };
        };
      },
    },
    box: {
      encode: { x: [0, 1], y: [2, 3] },
      make: function (series) {
        return function (params, api) {
          var a = api.coord([api.value(0), api.value(3)]);
          var b = api.coord([api.value(1), api.value(2)]);
          return {
            type: "rect", silent: true,
            shape: { x: a[0], y: a[1], width: b[0] - a[0], height: b[1] - a[1] },
            style: { fill: series.itemStyle.color, fillOpacity: 0.06, stroke: series.itemStyle.color, strokeOpacity: 0.5, lineWidth: 1 },
          };
        };
      },
    },
    words: {
      encode: { x: 0, y: 1 },
      make: function (series, look) {
        return function (params, api) {
          var at = api.coord([api.value(0), api.value(1)]);
          return words(series.data[params.dataIndex].name, at[0], at[1], "left", series.itemStyle.color, look.narrow ? 13 : 15, look);
        };
      },
    },
  };

  function line(x1, y1, x2, y2, colour, width, opacity) {
    return { type: "line", silent: true, shape: { x1: x1, y1: y1, x2: x2, y2: y2 }, style: { stroke: colour, lineWidth: width, opacity: opacity, lineCap: "round" } };
  }

  // words stand inside the figure: beside its edge they move in.
  function words(text, x, y, align, colour, size, look) {
    if (look.width) {
      var room = breadth(String(text), size, look);
      var start = align === "left" ? x : align === "right" ? x - room : x - room / 2;
      x += Math.max(2, Math.min(start, look.width - 2 - room)) - start;
    }
    return { type: "text", silent: true, x: x, y: y, style: { text: String(text), fill: colour, align: align, verticalAlign: "middle", fontSize: size, fontFamily: look.font } };
  }

  // foldLabels breaks the names of rows between words, by what they really measure:
  // ECharts would begin a line with the comma after a word.
  function foldLabels(label, look) {
    if (!label || !label.width || label.formatter !== formatters.name) return;
    label.formatter = function (v) {
      var lines = [];
      formatters.name(v).split(" ").forEach(function (word) {
        var last = lines.length - 1;
        var longer = last < 0 ? word : lines[last] + " " + word;
        if (last >= 0 && breadth(longer, label.fontSize || 13, look) <= label.width - 2) lines[last] = longer;
        else lines.push(word);
      });
      return lines.join("\n");
    };
  }

  var pen = document.createElement("canvas").getContext("2d");

  function breadth(text, size, look) {
    if (!pen) return 0.6 * size * text.length;
    pen.font = size + "px " + look.font;
    return pen.measureText(text).width;
  }

  // outlined keeps a number readable where a line crosses it.
  function outlined(text, look) {
    text.style.stroke = look.colours.paper;
    text.style.lineWidth = 3;
    return text;
  }

  // number stands outside the interval, on the side where there is room.
  function number(text, side, low, high, x, y, box, size, look) {
    var space = Math.max(size / 2, 4) + 4;
    var left = Math.min(low, x - space) - 4;
    var right = Math.max(high, x + space) + 4;
    var width = 7 * text.length;
    if (side < 0 ? left - width < box.x : right + width <= box.x + box.width + 34) return outlined(words(text, right, y, "left", look.colours.ink, 12, look), look);
    return outlined(words(text, left, y, "right", look.colours.ink, 12, look), look);
  }

  function mark(series, x, y, look) {
    var name = String(series.symbol || "circle");
    var hollow = name.indexOf("hollow ") === 0;
    if (hollow) name = name.slice(7);
    var r = (series.symbolSize || 10) / 2;
    var style = hollow
      ? { fill: look.colours.paper, stroke: series.itemStyle.color, lineWidth: 2 }
      : { fill: series.itemStyle.color, stroke: look.colours.paper, lineWidth: 1.5 };
    switch (name) {
      case "none": return null;
      case "diamond": return { type: "polygon", silent: true, shape: { points: [[x, y - r], [x + r, y], [x, y + r], [x - r, y]] }, style: style };
      case "triangle": return { type: "polygon", silent: true, shape: { points: [[x, y - r], [x + r, y + r * 0.8], [x - r, y + r * 0.8]] }, style: style };
      case "rect": return { type: "rect", silent: true, shape: { x: x - r, y: y - r, width: 2 * r, height: 2 * r }, style: style };
    }
    return { type: "circle", silent: true, shape: { cx: x, cy: y, r: r }, style: style };
  }

  // readable picks ink or paper, whichever stands out more on the colour.
  function readable(colour, look) {
    var base = luminance(colour);
    function contrast(other) {
      var l = luminance(other);
      return (Math.max(l, base) + 0.05) / (Math.min(l, base) + 0.05);
    }
    return contrast(look.colours.ink) >= contrast(look.colours.paper) ? look.colours.ink : look.colours.paper;
  }

  function luminance(colour) {
    var hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
    if (!hex) return 0.5;
    var parts = [1, 2, 3].map(function (i) {
      var c = parseInt(hex[i], 16) / 255;
      return c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
    });
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  }

  // resolve copies an option and puts colours, formatters and renderers in the
  // places where their names stand. A name that is in no table is dropped, and
  // text anywhere else stays text.
  function resolve(value, key, look) {
    if (Array.isArray(value)) return value.map(function (v) { return resolve(v, key, look); });
    if (value && typeof value === "object") {
      var copy = {};
      Object.keys(value).forEach(function (k) {
        if (k !== "__proto__") copy[k] = resolve(value[k], k, look);
      });
      return copy;
    }
    if (typeof value !== "string") return value;
    if (colourKeys[key] && value.indexOf("token:") === 0) return look.colours[value.slice(6)];
    if (key === "formatter") return own(formatters, value.replace(/^fn:/, ""));
    return value;
  }

  function own(table, name) {
    return Object.prototype.hasOwnProperty.call(table, name) ? table[name] : undefined;
  }

  function merge(base, over) {
    if (Array.isArray(base) && Array.isArray(over) && typeof over[0] === "object") {
      return base.map(function (v, i) { return i < over.length ? merge(v, over[i]) : v; });
    }
    if (!base || !over || typeof base !== "object" || typeof over !== "object" || Array.isArray(over)) {
      return over === undefined ? base : over;
    }
    var out = {};
    Object.keys(base).forEach(function (k) { out[k] = base[k]; });
    Object.keys(over).forEach(function (k) { if (k !== "__proto__") out[k] = merge(base[k], over[k]); });
    return out;
  }

  var tokens = ["wc", "own", "rest", "all", "peers", "good", "ink", "soft", "line", "edge", "paper", "accent",
    "likert-1", "likert-2", "likert-3", "likert-4", "likert-5", "likert-6", "likert-7"];

  function lookOf(figure, width, onCategories) {
    var narrow = width < NARROW;
    var style = getComputedStyle(figure);
    var colours = {};
    tokens.forEach(function (t) { colours[t] = style.getPropertyValue("--" + t).trim(); });
    return { colours: colours, font: style.fontFamily, width: width, narrow: narrow, drop: narrow && onCategories ? DROP : 0 };
  }

  function optionOf(sent, figure, width) {
    var narrow = width < NARROW;
    var option = narrow && sent.narrow ? merge(sent.option, sent.narrow) : sent.option;
    var axis = option.yAxis && option.yAxis[0];
    if (!narrow && width < MIDDLE && axis && axis.axisLabel && axis.axisLabel.width > 200) {
      option = merge(option, { grid: { left: 208 }, yAxis: [{ axisLabel: { width: 200, margin: 206 } }] });
    }
    if (option.radar && figure.classList.contains("on-paper")) option = merge(option, { radar: { radius: "58%" } });
    if (width < TIGHT && option.radar) option = merge(option, { radar: { radius: "38%" } });
    var look = lookOf(figure, width, Boolean(axis && axis.type === "category"));
    option = resolve(option, "", look);
    option.textStyle = { fontFamily: look.font };
    (option.yAxis || []).forEach(function (axis) { foldLabels(axis.axisLabel, look); });
    (option.series || []).forEach(function (series) {
      series.silent = true;
      if (series.type !== "custom") return;
      var renderer = own(renderers, series.renderItem);
      if (!renderer) { series.data = []; renderer = renderers.words; }
      series.encode = renderer.encode;
      series.renderItem = renderer.make(series, look);
    });
    return option;
  }

  var drawn = [];

  function draw(entry, width) {
    var narrow = width < NARROW;
    entry.width = width;
    if (entry.chart) entry.chart.dispose();
    var height = narrow ? entry.sent.narrowHeight : entry.sent.height;
    if (entry.paper && entry.sent.option.radar) height = Math.min(height, WEB);
    entry.box.style.blockSize = height + "px";
    entry.chart = echarts.init(entry.box, null, { renderer: "svg", width: width });
    entry.chart.setOption(optionOf(entry.sent, entry.figure, width));
  }

  function redraw() {
    drawn.forEach(function (entry) { draw(entry, entry.box.clientWidth); });
  }

  function begin(figure) {
    var box = figure.querySelector(".chart-box");
    var data = figure.querySelector('script[type="application/json"]');
    var entry = { figure: figure, box: box, sent: JSON.parse(data.textContent), chart: null, width: 0 };
    box.hidden = false;
    draw(entry, box.clientWidth);
    drawn.push(entry);
    var twin = figure.querySelector("details.twin");
    if (twin) twin.open = false;
    new ResizeObserver(function () {
      if (!entry.paper && box.clientWidth && box.clientWidth !== entry.width) draw(entry, box.clientWidth);
    }).observe(box);
  }

  Array.prototype.forEach.call(document.querySelectorAll("figure.chart[data-chart]"), begin);

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  // On paper the figures are light and as wide as the page.
  addEventListener("beforeprint", function () {
    drawn.forEach(function (entry) {
      entry.paper = true;
      entry.figure.classList.add("on-paper");
      draw(entry, PAPER);
    });
  });
  addEventListener("afterprint", function () {
    drawn.forEach(function (entry) {
      entry.paper = false;
      entry.figure.classList.remove("on-paper");
    });
    redraw();
  });
})();
