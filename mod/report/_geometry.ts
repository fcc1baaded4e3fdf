/** Where the parts of a chart are, for tests: absolute boxes of its texts and shapes. */
import { DOMParser } from "linkedom";
import { textWidth } from "./font.ts";
import type { Theme } from "./theme.ts";

/** A text or a rectangle with the corners of its box in CSS pixels. */
export interface Box {
  text: string;
  fill: string;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The picture and what is in it. */
export interface Picture {
  width: number;
  height: number;
  texts: Box[];
  rects: Box[];
  /** Centres of circles. */
  dots: Box[];
}

interface Node {
  tagName: string;
  textContent: string;
  children: Iterable<Node>;
  getAttribute(name: string): string | null;
}

interface Inherited {
  x: number;
  y: number;
  fill: string;
  anchor: string;
  size: number;
}

/** Reads an SVG of `drawFrame`. */
export function readPicture(svg: string, theme: Theme): Picture {
  const root: Node = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  const picture: Picture = {
    width: Number(root.getAttribute("width")),
    height: Number(root.getAttribute("height")),
    texts: [],
    rects: [],
    dots: [],
  };
  visit(root, { x: 0, y: 0, fill: "", anchor: "start", size: 12 });
  return picture;

  function visit(node: Node, from: Inherited): void {
    const [dx, dy] = translation(node.getAttribute("transform") ?? "");
    const here = {
      x: from.x + dx,
      y: from.y + dy,
      fill: node.getAttribute("fill") ?? from.fill,
      anchor: node.getAttribute("text-anchor") ?? from.anchor,
      size: Number(node.getAttribute("font-size") ?? from.size),
    };
    const number = (name: string) => lengthOf(node.getAttribute(name) ?? "0", here.size);
    const left = here.x + number("x") + number("dx");
    const top = here.y + number("y") + number("dy");
    if (node.tagName === "text") {
      const text = node.textContent;
      const width = textWidth(text, { font: theme.regular, size: here.size });
      const share = here.anchor === "end" ? 1 : here.anchor === "middle" ? 0.5 : 0;
      const start = left - width * share;
      const box = { left: start, right: start + width, top: top - here.size, bottom: top };
      picture.texts.push({ text, fill: here.fill, ...box });
    } else if (node.tagName === "rect") {
      const box = { left, right: left + number("width"), top, bottom: top + number("height") };
      picture.rects.push({ text: "", fill: here.fill, ...box });
    } else if (node.tagName === "circle") {
      const [x, y] = [here.x + number("cx"), here.y + number("cy")];
      picture.dots.push({ text: "", fill: here.fill, left: x, right: x, top: y, bottom: y });
    }
    for (const child of node.children) visit(child, here);
  }
}

function lengthOf(text: string, size: number): number {
  return text.endsWith("em") ? Number(text.slice(0, -2)) * size : Number(text);
}

function translation(transform: string): [number, number] {
  const [, x, y] = /^translate\((-?[\d.]+)(?:[, ]\s*(-?[\d.]+))?\)/.exec(transform) ?? [];
  return [Number(x ?? 0), Number(y ?? 0)];
}
