// Renders texts as deep-chat does, with the same library and the same options.
//
//     node markdown.mjs FILE      a list of texts in JSON; prints the list of their HTML

import { readFileSync } from "node:fs";
import { Remarkable } from "remarkable";

const renderer = new Remarkable({ breaks: true, linkTarget: "_blank" });
renderer.inline.validateLink = () => true;
const texts = JSON.parse(readFileSync(process.argv[2], "utf8"));
console.log(JSON.stringify(texts.map((text) => renderer.render(text))));
