import type { Catalogue } from ".";
import { en } from "./en";

const words: Catalogue = en;
export default words;
