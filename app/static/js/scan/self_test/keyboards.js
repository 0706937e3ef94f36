// @ts-check
/* What comes out when scanner and tablet do not mean the same keyboard. */

/** The 47 keys that write, row by row, without and with Shift; US is what our set-up asks for. @type {Record<string, [plain: string, shifted: string]>} */
const KEYS = {
  us: ["`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./", "~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:\"ZXCVBNM<>?"],
  fr: ["²&é\"'(-è_çà)=azertyuiop^$*qsdfghjklmùwxcvbn,;:!", "~1234567890°+AZERTYUIOP¨£µQSDFGHJKLM%WXCVBN?./§"],
  de: ["^1234567890ß´qwertzuiopü+#asdfghjklöäyxcvbnm,.-", "°!\"§$%&/()=?`QWERTZUIOPÜ*'ASDFGHJKLÖÄYXCVBNM;:_"],
  es: ["º1234567890'¡qwertyuiop`+çasdfghjklñ´zxcvbnm,.-", "ª!\"·$%&/()=?¿QWERTYUIOP^*ÇASDFGHJKLÑ¨ZXCVBNM;:_"],
  se: ["§1234567890+´qwertyuiopå¨'asdfghjklöäzxcvbnm,.-", "½!\"#¤%&/()=?`QWERTYUIOPÅ^*ASDFGHJKLÖÄZXCVBNM;:_"],
};
const NAMES = { fr: "French (AZERTY)", de: "German (QWERTZ)", es: "Spanish", se: "Nordic" };
const FIRST_KEY = 0xe000; // private characters, one for each key

/**
 * What was meant, for each mismatch that could be: the tablet has another layout than the scanner
 * thinks, or the scanner has one that the tablet does not.
 * @param {string} text
 */
export function readings(text) {
  const others = /** @type {("fr"|"de"|"es"|"se")[]} */ (Object.keys(NAMES));
  return [
    { words: "", text },
    ...others.map((name) => ({ words: `This device has a ${NAMES[name]} keyboard, the scanner types as on a US one.`, text: translate(text, KEYS[name], KEYS.us) })),
    ...others.map((name) => ({ words: `The scanner types as on a ${NAMES[name]} keyboard, this device has a US one.`, text: translate(text, KEYS.us, KEYS[name]) })),
  ];
}

/** Which keys were pressed, whatever Shift was doing: one private character for each. @param {string} text */
export function pressed(text) {
  return replaced(text, (character) => {
    const key = Math.max(KEYS.us[0].indexOf(character), KEYS.us[1].indexOf(character));
    return key < 0 ? character : String.fromCharCode(FIRST_KEY + key);
  });
}

/** @param {string} text @param {[string, string]} from @param {[string, string]} to */
function translate(text, from, to) {
  return replaced(text, (character) => {
    const shift = from[0].includes(character) ? 0 : 1;
    return to[shift][from[shift].indexOf(character)] ?? character;
  });
}

/** @param {string} text @param {(character: string) => string} one */
function replaced(text, one) {
  return [...text].map(one).join("");
}
