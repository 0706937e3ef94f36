// What runs on every desk page: behaviours, and the listeners that htmx needs.
// @ts-check
import { start as startBehaviours } from "./behaviours.js";
import { start as startCsrf } from "./csrf.js";
import { start as startErrors } from "./fragment_errors.js";
import { start as startMorph } from "./morph.js";
import { forgetSent } from "./keep_typed.js";

startCsrf();
startErrors();
startMorph();
forgetSent();
startBehaviours();
