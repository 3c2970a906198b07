const skipped = (process.env['DOCKVISOR_TEST_SKIP'] ?? '').split(/[ ,]+/);
/** Whether the person who runs the tests said that there is to be no Engine. Anything else that is missing is a failure. */
export const engineSkipped = skipped.includes('engine');
/** The same for the real systemd, which needs the Engine too. */
export const systemdSkipped = engineSkipped || skipped.includes('systemd');
