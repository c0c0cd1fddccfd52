#!/usr/bin/env python3
"""Draws cost against size: growth_svg.py growth.json growth.svg

growth.json is what `gradus_bench --benchmark_filter=growth --benchmark_out=growth.json` writes. Both axes are
logarithmic; a line along the diagonal grid is cost proportional to size.
"""
import json
import math
import sys
from collections import defaultdict

WIDTH, HEIGHT, MARGIN = 460, 340, 60


def curves(path):
    """name -> [(size, microseconds)], in the order of the sizes."""
    with open(path) as file:
        runs = json.load(file)["benchmarks"]
    result = defaultdict(list)
    for run in runs:
        if run.get("run_type", "iteration") == "iteration":
            _, name, size = run["name"].split("/")[:3]
            result[name].append((int(size), run["cpu_time"]))
    return {name: sorted(points) for name, points in result.items()}


def decades(values):
    return math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))


def panel(name, points, left, top):
    x0, x1 = decades([size for size, _ in points])
    y0, y1 = decades([time for _, time in points])

    def at(size, time):
        x = left + MARGIN + (math.log10(size) - x0) / max(x1 - x0, 1) * (WIDTH - 2 * MARGIN)
        y = top + HEIGHT - MARGIN - (math.log10(time) - y0) / max(y1 - y0, 1) * (HEIGHT - 2 * MARGIN)
        return x, y

    out = []
    for decade in range(x0, x1 + 1):
        (x, bottom), (_, above) = at(10**decade, 10**y0), at(10**decade, 10**y1)
        out.append(f'<path class="grid" d="M{x:.1f} {bottom:.1f}V{above:.1f}"/>')
        out.append(f'<text x="{x:.1f}" y="{bottom + 18:.1f}" text-anchor="middle">1e{decade}</text>')
    for decade in range(y0, y1 + 1):
        (start, y), (end, _) = at(10**x0, 10**decade), at(10**x1, 10**decade)
        out.append(f'<path class="grid" d="M{start:.1f} {y:.1f}H{end:.1f}"/>')
        out.append(f'<text x="{start - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">1e{decade}</text>')
    places = [at(size, time) for size, time in points]
    out.append('<polyline points="' + " ".join(f"{x:.1f},{y:.1f}" for x, y in places) + '"/>')
    out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in places]
    title = f"{name.replace('_', ' ')}: microseconds against size"
    out.append(f'<text x="{left + WIDTH / 2}" y="{top + 30}" text-anchor="middle" class="title">{title}</text>')
    return "\n".join(out)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    drawn = curves(sys.argv[1])
    if not drawn:
        sys.exit(f"{sys.argv[1]}: no growth benchmarks in it")
    rows = (len(drawn) + 1) // 2
    with open(sys.argv[2], "w") as out:
        out.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * WIDTH}" height="{rows * HEIGHT}" '
                  'font-family="sans-serif" font-size="11">\n<style>.grid{stroke:#ddd} .title{font-size:14px} '
                  'polyline{fill:none;stroke:#1f77b4;stroke-width:2} circle{fill:#1f77b4}</style>\n'
                  '<rect width="100%" height="100%" fill="white"/>\n')
        for i, (name, points) in enumerate(drawn.items()):
            out.write(panel(name, points, i % 2 * WIDTH, i // 2 * HEIGHT) + "\n")
        out.write("</svg>\n")


if __name__ == "__main__":
    main()
