// What material entry adds to the desk's behaviours.
// @ts-check
import { register } from "../ui/behaviours.js";
import { mount as weights } from "./weights.js";

register("weights", weights);
