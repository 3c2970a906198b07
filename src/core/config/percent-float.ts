/** Python's `%e`, `%f` and `%g` of a number that is not negative: only process_num and numprocs ever come here. */

/** As far as JavaScript goes. A whole number has only zeros beyond it. */
const MOST_DIGITS = 100;
const zerosBeyond = (digits: number): string => '0'.repeat(Math.max(0, digits - MOST_DIGITS));

function fixed(value: number, digits: number): string {
  return value.toFixed(Math.min(digits, MOST_DIGITS)) + zerosBeyond(digits);
}

function exponential(value: number, digits: number): string {
  const [mantissa = '', exponent = ''] = value.toExponential(Math.min(digits, MOST_DIGITS)).split('e');
  return `${mantissa}${zerosBeyond(digits)}e${exponent.charAt(0)}${exponent.slice(1).padStart(2, '0')}`;
}

function trimZeros(text: string): string {
  const [mantissa = '', exponent] = text.split('e');
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return exponent === undefined ? short : `${short}e${exponent}`;
}

/** `char` is one of `eEfFgG`. */
export function floatText(value: number, char: string, precision: number, alternate: boolean): string {
  const kind = char.toLowerCase();
  let out: string;
  if (kind === 'f') out = fixed(value, precision);
  else if (kind === 'e') out = exponential(value, precision);
  else {
    const digits = Math.max(1, precision);
    const power = Number(exponential(value, digits - 1).split('e')[1]);
    const long =
      power < -4 || power >= digits ? exponential(value, digits - 1) : fixed(value, digits - 1 - power);
    out = alternate ? long : trimZeros(long);
  }
  if (alternate && !out.includes('.')) out = out.includes('e') ? out.replace('e', '.e') : out + '.';
  return char === kind ? out : out.toUpperCase();
}
