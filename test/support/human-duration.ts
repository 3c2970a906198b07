/** `HumanDuration` of docker/go-units, as it stands there: what the Engine's list writes after "Up". */
export function humanDuration(seconds: number): string {
  const whole = Math.trunc(seconds);
  if (whole < 1) return 'Less than a second';
  if (whole === 1) return '1 second';
  if (whole < 60) return `${String(whole)} seconds`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${String(minutes)} minutes`;
  const hours = Math.trunc(seconds / 3600 + 0.5);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${String(hours)} hours`;
  if (hours < 24 * 7 * 2) return `${String(Math.trunc(hours / 24))} days`;
  if (hours < 24 * 30 * 2) return `${String(Math.trunc(hours / 24 / 7))} weeks`;
  if (hours < 24 * 365 * 2) return `${String(Math.trunc(hours / 24 / 30))} months`;
  return `${String(Math.trunc(Math.trunc(seconds / 3600) / 24 / 365))} years`;
}
