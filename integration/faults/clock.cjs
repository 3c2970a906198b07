/** Loaded before a daemon: its wall clock goes wrong by so many ms as are written in the file that CLOCK names. */
const { readFileSync } = require('node:fs');

const RealDate = Date;
const offset = () => {
  try {
    return Number(readFileSync(process.env.CLOCK, 'utf8'));
  } catch {
    return 0;
  }
};

globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [RealDate.now() + offset()] : given));
  }

  static now() {
    return RealDate.now() + offset();
  }
};
