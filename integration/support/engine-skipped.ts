/** Whether the person who runs the tests said that there is to be no Engine. Anything else that is missing is a failure. */
export const engineSkipped = (process.env['DOCKVISOR_TEST_SKIP'] ?? '').split(/[ ,]+/).includes('engine');
