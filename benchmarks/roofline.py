"""A roofline plot (Williams, Waterman and Patterson 2009) of what op_benchmarks found, as SVG.

Every operation stands at its arithmetic intensity, operations a byte that must move, and its rate. The roof is what
the machine can do at most: memory's rate on the slope, the multiply-adds' on the flat. Rates count the operations of a
direct convolution, so that Winograd's, which needs fewer, can stand above the roof.
"""

import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 860, 560
LEFT, RIGHT, TOP, BOTTOM = 70, 200, 30, 55
# family: (prefixes of operations, colour, what the legend says)
FAMILIES = {
    "conv": (("conv3x3_forward",), "#1f77b4", "3×3 convolution"),
    "conv_grad": (("conv3x3_input", "conv3x3_weight"), "#17becf", "its gradients"),
    "stride2": (("conv3x3_stride2",), "#9467bd", "3×3, stride 2"),
    "conv1x1": (("conv1x1",), "#2ca02c", "1×1 convolution"),
    "residual": (("residual",), "#ff7f0e", "norm, SiLU, 3×3, sum"),
    "attention": (("attention",), "#d62728", "attention"),
}


def family_of(op):
    for name, (prefixes, _, _) in FAMILIES.items():
        if op.startswith(prefixes):
            return name
    return None


class Axis:
    """Maps a logarithmic range to pixels."""

    def __init__(self, least, most, begin, end):
        self.low, self.high = math.floor(math.log2(least)), math.ceil(math.log2(most))
        self.begin, self.end = begin, end

    def __call__(self, value):
        return self.begin + (math.log2(value) - self.low) / (self.high - self.low) * (self.end - self.begin)

    def ticks(self):
        return [2.0**power for power in range(self.low, self.high + 1)]


def text(x, y, words, anchor="middle", extra=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {extra}>{escape(words)}</text>'


def line(x1, y1, x2, y2, style):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" {style}/>'


def frame(x, y):
    grid = 'stroke="#e4e4e4"'
    parts = [line(x(tick), TOP, x(tick), HEIGHT - BOTTOM, grid) for tick in x.ticks()]
    parts += [line(LEFT, y(tick), WIDTH - RIGHT, y(tick), grid) for tick in y.ticks()]
    parts += [text(x(tick), HEIGHT - BOTTOM + 18, f"{tick:g}") for tick in x.ticks()]
    parts += [text(LEFT - 8, y(tick) + 4, f"{tick:g}", "end") for tick in y.ticks()]
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, "operations a byte that must move"))
    middle = (TOP + HEIGHT - BOTTOM) / 2
    parts.append(text(18, middle, "GFLOP/s", extra=f'transform="rotate(-90 18 {middle:.1f})"'))
    return parts


def roof(x, y, short):
    flops, moved = short["peak_flops"] / 1e9, short["peak_bytes"] / 1e9
    right, ridge = 2.0**x.high, flops / moved
    left = max(2.0**x.low, 2.0**y.low / moved)
    points = " ".join(f"{x(i):.1f},{y(min(flops, i * moved)):.1f}" for i in (left, ridge, right))
    return [f'<polyline points="{points}" fill="none" stroke="#333" stroke-width="2"/>',
            text(LEFT + 8, y(flops) - 8, f"multiply-add peak, {flops:.0f} GFLOP/s", "start"),
            text(x(ridge / 2) + 8, y(flops / 2) + 6, f"memory, {moved:.0f} GB/s", "start")]


def point(x, y, one):
    colour = FAMILIES[family_of(one["op"])][1]
    intensity, rate = one["flops"] / one["bytes"], one["flops"] / one["s"] / 1e9
    look = f'fill="{colour}"' if one["engine"] == "fast" else f'fill="none" stroke="{colour}"'
    words = f"{one['op']} {one['shape']}, {one['engine']}: {rate:.0f} GFLOP/s"
    return f'<circle cx="{x(intensity):.1f}" cy="{y(rate):.1f}" r="4" {look}><title>{escape(words)}</title></circle>'


def legend():
    parts, at = [], TOP + 14
    for _, colour, words in FAMILIES.values():
        parts += [f'<circle cx="{WIDTH - RIGHT + 22}" cy="{at - 4}" r="5" fill="{colour}"/>',
                  text(WIDTH - RIGHT + 34, at, words, "start")]
        at += 22
    parts += [text(WIDTH - RIGHT + 16, at + 8, "filled: this program", "start"),
              text(WIDTH - RIGHT + 16, at + 28, "rings: LibTorch", "start")]
    return parts


def roofline(short):
    """op_results.shorten's document -> SVG."""
    ops = [one for one in short["ops"] if one["flops"] and family_of(one["op"])]
    intensities = [one["flops"] / one["bytes"] for one in ops]
    rates = [one["flops"] / one["s"] / 1e9 for one in ops] + [short["peak_flops"] / 1e9]
    ridge = short["peak_flops"] / short["peak_bytes"]
    x = Axis(min(*intensities, ridge / 3), max(intensities), LEFT, WIDTH - RIGHT)
    y = Axis(min(rates), max(rates), HEIGHT - BOTTOM, TOP)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
             "<title>Rates of single operations below the roofline of the machine</title>",
             '<rect width="100%" height="100%" fill="white"/>', *frame(x, y), *roof(x, y, short),
             *(point(x, y, one) for one in sorted(ops, key=lambda one: one["engine"], reverse=True)), *legend(), "</svg>"]
    return "\n".join(parts) + "\n"
