// What movement entry adds to the desk's behaviours.
// @ts-check
import { register } from "../ui/behaviours.js";
import { mount as entryLines } from "./entry_lines.js";

register("entry-lines", entryLines);
