/** Ours, from package.json at build time; in the source tree there is no build. */
declare const __DOCKVISOR_VERSION__: string | undefined;

export const dockvisorVersion =
  typeof __DOCKVISOR_VERSION__ === 'string' ? __DOCKVISOR_VERSION__ : '0.0.0-source';

/** What `getSupervisorVersion` and `-v` answer: scripts compare it with supervisor's releases, and 4.2.5 is whom we stand for. */
export const supervisorVersion = '4.2.5';
