/** Python's `%e`, `%f` and `%g` of a number that is not negative: only process_num and numprocs ever come here. */

function exponential(value: number, digits: number): string {
  const [mantissa = '', exponent = ''] = value.toExponential(digits).split('e');
  return `${mantissa}e${exponent.charAt(0)}${exponent.slice(1).padStart(2, '0')}`;
}

function trimZeros(text: string): string {
  const [mantissa = '', exponent] = text.split('e');
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return exponent === undefined ? short : `${short}e${exponent}`;
}

/** `char` is one of `eEfFgG`; `precision` is taken as at most 100, which is as far as JavaScript goes. */
export function floatText(value: number, char: string, precision: number, alternate: boolean): string {
  const digits = Math.min(precision, 100);
  const kind = char.toLowerCase();
  let out: string;
  if (kind === 'f') out = value.toFixed(digits);
  else if (kind === 'e') out = exponential(value, digits);
  else {
    const significant = Math.max(1, Math.min(digits, 100));
    const power = Number(value.toExponential(significant - 1).split('e')[1]);
    const long =
      power < -4 || power >= significant
        ? exponential(value, significant - 1)
        : value.toFixed(Math.min(100, significant - 1 - power));
    out = alternate ? long : trimZeros(long);
  }
  if (alternate && !out.includes('.')) out = out.includes('e') ? out.replace('e', '.e') : out + '.';
  return char === kind ? out : out.toUpperCase();
}
